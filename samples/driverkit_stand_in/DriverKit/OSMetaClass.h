// Stand-in: the root of all objects. Written from the facts in the public SDK's OSMetaClass.h:
// which members there are, their order, and so the symbols that a driver asks DriverKit for.
#pragma once
#include <DriverKit/IORPC.h>

class IODispatchQueue;
class OSMetaClass;
class OSObject;

struct OSClassLoadInformation {
  const OSClassDescription* description;
  OSMetaClass** metaPointer;
  uint32_t version, instanceSize;
  uint64_t resv2[8];
  kern_return_t (*New)(OSMetaClass* instance);
  uint64_t resv3[8];
};
static_assert(sizeof(OSClassLoadInformation) == 160 && offsetof(OSClassLoadInformation, New) == 88);

class OSMetaClassBase {
 public:
  mutable int32_t refcount;
  int32_t reserved;
  OSMetaClass* meta;

  inline void* operator new(size_t, void* placed) { return placed; }
  static OSMetaClassBase* safeMetaCast(const OSMetaClassBase* object, const OSMetaClass* to);
  static OSMetaClassBase* requiredMetaCast(const OSMetaClassBase* object, const OSMetaClass* to);
  bool IsRemote();
  const char* GetClassName();
  virtual const OSMetaClass* getMetaClass() const;
  virtual void retain() const;
  virtual void release() const;
  virtual bool isEqualTo(const OSMetaClassBase* object) const;
  virtual kern_return_t Dispatch(IORPC invoke);
  kern_return_t Invoke(IORPC invoke);
};

struct OSMetaClassPrivate;
class OSMetaClass : public OSMetaClassBase {
 public:
  OSMetaClassPrivate* metaClassPrivate;
  virtual kern_return_t New(OSObject* instance) = 0;
};

class OSInterface {};

extern kern_return_t OSObjectAllocate(OSMetaClass* meta, OSObject** object);

/// The second argument that makes a call go to the superclass. Without it the call is a recursion.
#define SUPERDISPATCH ((OSDispatchMethod) & super::_Dispatch)
#define OSTypeID(type) g##type##MetaClass
#define OSDynamicCast(type, inst) \
  ((inst) ? ((type*)OSMetaClassBase::safeMetaCast((inst), OSTypeID(type))) : nullptr)
#define OSRequiredCast(type, inst) \
  ((inst) ? ((type*)OSMetaClassBase::requiredMetaCast((inst), OSTypeID(type))) : nullptr)
#define OSSafeReleaseNULL(inst) \
  do {                          \
    if ((inst) != nullptr) {    \
      (inst)->release();        \
      (inst) = nullptr;         \
    }                           \
  } while (0)
#define IMPL(classname, name) classname ::name##_Impl(classname##_##name##_Args)
