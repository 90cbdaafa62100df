// A driver kit in small: what generated units are written with. Nearly every function is inlined,
// so that one line of a unit becomes calls nested five to ten deep, as in real kernels written in
// C++.
#pragma once

#define INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

using u8 = unsigned char;
using u32 = unsigned int;
using u64 = unsigned long;

extern "C" {
void* kit_allocate(u64 bytes);
void kit_free(void* memory, u64 bytes);
void kit_log(const char* text, u64 value);
void kit_panic(const char* text, u64 value) __attribute__((noreturn));
u64 kit_register_read(u64 address);
void kit_register_write(u64 address, u64 value);
extern volatile u64 kit_lock_word;
}

INLINE void* operator new(u64, void* place) noexcept { return place; }

namespace kit {

template <typename T>
INLINE T&& move(T& value) {
  return static_cast<T&&>(value);
}

/// Holds a lock while it lives.
class Guard {
 public:
  INLINE explicit Guard(volatile u64& word) : word_(word) {
    while (__atomic_exchange_n(&word_, 1, __ATOMIC_ACQUIRE) != 0) relax();
  }
  INLINE ~Guard() { __atomic_store_n(&word_, 0, __ATOMIC_RELEASE); }

 private:
  static INLINE void relax() { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
  volatile u64& word_;
};

class Object {
 public:
  virtual ~Object();
  virtual void retire();
  INLINE void retain() { __atomic_fetch_add(&count_, 1, __ATOMIC_RELAXED); }
  INLINE void release() {
    if (is_last()) retire();
  }

 private:
  INLINE bool is_last() { return __atomic_fetch_sub(&count_, 1, __ATOMIC_ACQ_REL) == 1; }
  u32 count_ = 1;
};

/// Keeps an object retained.
template <typename T>
class Retained {
 public:
  INLINE Retained() = default;
  INLINE explicit Retained(T* object) : object_(object) { retain(); }
  INLINE Retained(const Retained& other) : object_(other.object_) { retain(); }
  INLINE ~Retained() { drop(); }
  INLINE Retained& operator=(const Retained& other) {
    Retained copy(other);
    swap(copy);
    return *this;
  }
  INLINE T* operator->() const { return checked(); }
  INLINE explicit operator bool() const { return object_ != nullptr; }

 private:
  INLINE void retain() {
    if (object_ != nullptr) object_->retain();
  }
  INLINE void drop() {
    if (object_ != nullptr) object_->release();
  }
  INLINE void swap(Retained& other) {
    T* const mine = object_;
    object_ = other.object_;
    other.object_ = mine;
  }
  INLINE T* checked() const {
    if (object_ == nullptr) kit_panic("no object", 0);
    return object_;
  }
  T* object_ = nullptr;
};

template <typename T>
class Result {
 public:
  INLINE Result(const T& value) : value_(value) {}
  static INLINE Result error(u32 code) { return Result(code, 0); }
  INLINE bool ok() const { return code_ == 0; }
  INLINE u32 code() const { return code_; }
  INLINE const T& value() const {
    if (!ok()) kit_panic("no value", code_);
    return value_;
  }
  INLINE T value_or(const T& other) const { return ok() ? value_ : other; }

 private:
  INLINE Result(u32 code, int) : value_(), code_(code) {}
  T value_;
  u32 code_ = 0;
};

/// A place in an array.
template <typename T>
class Cursor {
 public:
  INLINE explicit Cursor(T* at) : at_(at) {}
  INLINE T& operator*() const { return *get(); }
  INLINE T* operator->() const { return get(); }
  INLINE Cursor& operator++() { return *this += 1; }
  INLINE Cursor& operator--() { return *this += -1; }
  INLINE Cursor& operator+=(long by) {
    at_ += by;
    return *this;
  }
  INLINE Cursor operator+(long by) const { return Cursor(at_ + by); }
  INLINE long operator-(const Cursor& other) const { return get() - other.get(); }
  INLINE T& operator[](long i) const { return *(*this + i); }
  INLINE bool operator==(const Cursor& other) const { return get() == other.get(); }
  INLINE bool operator!=(const Cursor& other) const { return !(*this == other); }

 private:
  INLINE T* get() const { return at_; }
  T* at_;
};

template <typename T>
class Array {
 public:
  INLINE Array() = default;
  Array(const Array&) = delete;
  INLINE ~Array() { clear(); }
  INLINE u32 size() const { return size_; }
  INLINE bool is_empty() const { return size() == 0; }
  INLINE T& operator[](u32 i) { return begin()[checked(i)]; }
  INLINE const T& operator[](u32 i) const { return begin()[checked(i)]; }
  INLINE Cursor<T> begin() { return Cursor<T>(items_); }
  INLINE Cursor<T> end() { return begin() + size(); }
  INLINE Cursor<const T> begin() const { return Cursor<const T>(items_); }
  INLINE Cursor<const T> end() const { return begin() + size(); }
  INLINE T& front() { return (*this)[0]; }
  INLINE T& back() { return (*this)[size() - 1]; }
  INLINE void push(const T& item) {
    if (is_full()) grow();
    new (static_cast<void*>(items_ + size_)) T(item);
    ++size_;
  }
  INLINE void pop() {
    back().~T();
    --size_;
  }
  INLINE void clear() {
    for (T& item : *this) item.~T();
    kit_free(items_, bytes(room_));
    items_ = nullptr;
    size_ = room_ = 0;
  }

 private:
  static INLINE u64 bytes(u32 count) { return count * sizeof(T); }
  INLINE bool is_full() const { return size_ == room_; }
  INLINE u32 checked(u32 i) const {
    if (i >= size()) kit_panic("index", i);
    return i;
  }
  NOINLINE void grow() {
    const u32 room = room_ == 0 ? 8 : 2 * room_;
    T* const items = static_cast<T*>(kit_allocate(bytes(room)));
    for (u32 i = 0; i < size_; ++i) new (static_cast<void*>(items + i)) T(move(items_[i]));
    kit_free(items_, bytes(room_));
    items_ = items;
    room_ = room;
  }
  T* items_ = nullptr;
  u32 size_ = 0, room_ = 0;
};

template <typename T>
struct Hash {
  static INLINE u64 of(const T& key) { return mix(key.id()); }
  static INLINE u64 mix(u64 value) {
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccd;
    return value ^ value >> 29;
  }
};

/// Open addressing; a key's slot or the first free one behind it.
template <typename Key, typename Value, u32 Slots>
class Map {
 public:
  INLINE Result<Value> find(const Key& key) const {
    const u32 at = slot(key);
    return is_used(at) ? Result<Value>(values_[at]) : Result<Value>::error(2);
  }
  INLINE bool contains(const Key& key) const { return find(key).ok(); }
  INLINE void set(const Key& key, const Value& value) {
    const u32 at = slot(key);
    if (!is_used(at)) use(at, key);
    values_[at] = value;
  }
  template <typename Use>
  INLINE void each(Use use) const {
    for (u32 i = 0; i < Slots; ++i)
      if (is_used(i)) use(keys_[i], values_[i]);
  }

 private:
  static INLINE u32 wrapped(u64 at) { return static_cast<u32>(at % Slots); }
  INLINE bool is_used(u32 at) const { return (used_[at / 64] >> (at % 64) & 1) != 0; }
  INLINE void use(u32 at, const Key& key) {
    used_[at / 64] |= u64{1} << (at % 64);
    keys_[at] = key;
  }
  INLINE u32 slot(const Key& key) const {
    u32 at = wrapped(Hash<Key>::of(key));
    for (u32 tried = 0; tried < Slots && is_used(at) && !(keys_[at] == key); ++tried)
      at = wrapped(at + 1);
    return at;
  }
  Key keys_[Slots];
  Value values_[Slots];
  u64 used_[(Slots + 63) / 64] = {};
};

/// A sequence that is computed while it is read: from(array).where(…).select(…).sum().
template <typename Iterator, typename Test, typename Make>
class Sequence {
 public:
  INLINE Sequence(Iterator begin, Iterator end, Test test, Make make)
      : begin_(begin), end_(end), test_(test), make_(make) {}
  template <typename Other>
  INLINE auto where(Other other) const {
    const auto both = [test = test_, other](const auto& item) { return test(item) && other(item); };
    return Sequence<Iterator, decltype(both), Make>(begin_, end_, both, make_);
  }
  template <typename Other>
  INLINE auto select(Other other) const {
    const auto both = [make = make_, other](const auto& item) { return other(make(item)); };
    return Sequence<Iterator, Test, decltype(both)>(begin_, end_, test_, both);
  }
  template <typename Use>
  INLINE void each(Use use) const {
    for (Iterator at = begin_; at != end_; ++at)
      if (test_(*at)) use(make_(*at));
  }
  INLINE u64 sum() const {
    u64 total = 0;
    each([&](u64 value) { total += value; });
    return total;
  }
  INLINE u64 largest() const {
    u64 most = 0;
    each([&](u64 value) { most = value > most ? value : most; });
    return most;
  }

 private:
  Iterator begin_, end_;
  Test test_;
  Make make_;
};

template <typename T>
INLINE auto from(const Array<T>& items) {
  const auto all = [](const T&) { return true; };
  const auto same = [](const T& item) -> const T& { return item; };
  return Sequence<Cursor<const T>, decltype(all), decltype(same)>(items.begin(), items.end(), all,
                                                                  same);
}

template <typename T>
INLINE void swap(T& a, T& b) {
  T other = move(a);
  a = move(b);
  b = move(other);
}

template <typename Iterator, typename Less>
INLINE void sort_few(Iterator begin, Iterator end, Less less) {
  for (Iterator at = begin; at != end; ++at)
    for (Iterator to = at; to != begin && less(*to, to[-1]); --to) swap(*to, to[-1]);
}

template <typename Iterator, typename Less>
NOINLINE void sort(Iterator begin, Iterator end, Less less) {
  while (end - begin > 12) {
    Iterator middle = begin;
    swap(*begin, begin[(end - begin) / 2]);
    for (Iterator at = begin + 1; at != end; ++at)
      if (less(*at, *begin)) swap(*++middle, *at);
    swap(*begin, *middle);
    sort(middle + 1, end, less);
    end = middle;
  }
  sort_few(begin, end, less);
}

/// The registers of a device, with barriers around each access.
struct Bus {
  static INLINE u64 read(u64 address) {
    const u64 value = kit_register_read(address);
    after();
    return value;
  }
  static INLINE void write(u64 address, u64 value) {
    before();
    kit_register_write(address, value);
  }

 private:
  static INLINE void before() { __atomic_thread_fence(__ATOMIC_RELEASE); }
  static INLINE void after() { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
};

/// A register of a device, by type: Field<0x40, 4, 8>::read(base) are its bits 4 to 11.
template <u64 Offset, u32 Low, u32 Width>
struct Field {
  static INLINE u64 mask() { return ((u64{1} << Width) - 1) << Low; }
  static INLINE u64 read(u64 base) { return (raw(base) & mask()) >> Low; }
  static INLINE void write(u64 base, u64 value) {
    Bus::write(base + Offset, merged(raw(base), value));
  }
  static INLINE bool wait(u64 base, u64 value, u32 tries) {
    for (u32 i = 0; i < tries; ++i)
      if (read(base) == value) return true;
    return false;
  }

 private:
  static INLINE u64 raw(u64 base) { return Bus::read(base + Offset); }
  static INLINE u64 merged(u64 old, u64 value) { return (old & ~mask()) | (value << Low & mask()); }
};

/// Text in a buffer of fixed size.
template <u32 Size>
class Writer {
 public:
  INLINE Writer& operator<<(const char* text) {
    while (*text != 0) put(*text++);
    return *this;
  }
  INLINE Writer& operator<<(u64 value) {
    for (u32 shift = 64; shift > 0;) put(digit(value >> (shift -= 4)));
    return *this;
  }
  INLINE void flush(u64 value) {
    put(0);
    kit_log(text_, value);
    length_ = 0;
  }

 private:
  static INLINE char digit(u64 value) { return "0123456789abcdef"[value & 15]; }
  INLINE void put(char c) {
    if (length_ < Size) text_[length_++] = c;
  }
  char text_[Size] = {};
  u32 length_ = 0;
};

}  // namespace kit
