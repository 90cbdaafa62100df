// Stand-in: the collection classes, as far as the samples use them.
#pragma once
#include <DriverKit/OSObject.h>

extern OSMetaClass* gOSStringMetaClass;
extern OSMetaClass* gOSBooleanMetaClass;
extern OSMetaClass* gOSNumberMetaClass;
extern OSMetaClass* gOSDictionaryMetaClass;

class OSContainer : public OSObject {};

class OSString : public OSContainer {
 public:
  static OSString* withCString(const char* cString);
  const char* getCStringNoCopy() const;
  bool isEqualTo(const char* cString) const;
};

class OSBoolean : public OSContainer {
 public:
  bool isTrue() const;
};
extern OSBoolean* const kOSBooleanTrue;

class OSNumber : public OSContainer {
 public:
  static OSNumber* withNumber(unsigned long long value, size_t bits);
  uint64_t unsigned64BitValue() const;
};

class OSDictionary : public OSContainer {
 public:
  static OSDictionary* withCapacity(uint32_t capacity);
  bool setObject(const char* key, const OSMetaClassBase* object);
  OSObject* getObject(const char* key) const;
};

class OSData : public OSContainer {
 public:
  const void* getBytesNoCopy() const;
  size_t getLength() const;
};
class OSArray : public OSContainer {};
