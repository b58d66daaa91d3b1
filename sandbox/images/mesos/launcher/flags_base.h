// Where the flags object lies in a flags class of the library: a virtual base, read from the object's vtable.
#pragma once

#include "library.h"

namespace {

// Shapes of the library's classes. Their names differ from the library's, so that their vtables do not take the place
// of its own. Each has data as the real ones have: classes without would be laid out in another way.
namespace shape {
struct FlagsBase {
  virtual ~FlagsBase() = default;
  void* data;
};
struct Flags : virtual FlagsBase {
  void* data;
};
struct ProgramFlags : virtual Flags {
  void* data;
};
}  // namespace shape

// Of a program's flags, which are the logging flags and more.
INLINE flags::FlagsBase* baseOfProgram(void* flags) {
  shape::FlagsBase* base = static_cast<shape::ProgramFlags*>(flags);
  return reinterpret_cast<flags::FlagsBase*>(base);
}

// Of any others.
INLINE flags::FlagsBase* baseOf(void* flags) {
  shape::FlagsBase* base = static_cast<shape::Flags*>(flags);
  return reinterpret_cast<flags::FlagsBase*>(base);
}

}  // namespace
