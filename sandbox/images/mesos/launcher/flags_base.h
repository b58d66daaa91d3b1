// Finds the FlagsBase object in an object of one of the library's flags classes. FlagsBase is a virtual base, so its
// position is read from the object's vtable.
#pragma once

#include "library.h"

namespace {

// Classes with the same inheritance as the library's classes. They have other names, so that their vtables do not
// replace the library's. Each has a data member, because the layout of classes without data differs.
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

// For the flags of a program, which derive from the logging flags.
INLINE flags::FlagsBase* baseOfProgram(void* flags) {
  shape::FlagsBase* base = static_cast<shape::ProgramFlags*>(flags);
  return reinterpret_cast<flags::FlagsBase*>(base);
}

// For all other flags.
INLINE flags::FlagsBase* baseOf(void* flags) {
  shape::FlagsBase* base = static_cast<shape::Flags*>(flags);
  return reinterpret_cast<flags::FlagsBase*>(base);
}

}  // namespace
