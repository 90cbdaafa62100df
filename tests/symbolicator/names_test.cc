#include "symbolicator/worker/names.h"

#include <array>

#include "catch.h"

namespace panicscan::symbolizer {

TEST_CASE("linkage names are shown as C++ writes them") {
  CHECK(demangled("_ZN4Ring4slotEj") == "Ring::slot(unsigned int)");
  CHECK(demangled("_ZN9IOService5startEPS_") == "IOService::start(IOService*)");
  CHECK(demangled("___ZN9IOService4stopEv_block_invoke") ==
        "invocation function for block in IOService::stop()");
}

TEST_CASE("what is not mangled stays as it is") {
  for (const char* name :
       {"", "_", "panic_with_thread", "lab_panic.specialized.1", "_ZN4Ring", "Z"})
    CHECK(demangled(name) == name);
}

TEST_CASE("a name too long to be demangled safely stays as it is") {
  const std::string deep = "_Z1fP" + std::string(100000, 'P') + "i";
  CHECK(demangled(deep) == deep);
}

TEST_CASE("names that iig made are shown as the author of the dext wrote them") {
  const std::array functions{
      FunctionSymbol{"_ZN12SampleDriver9_DispatchEPS_5IORPC", {0x1000}},
      FunctionSymbol{"_ZN4acme6Driver9_DispatchEPS0_5IORPC", {0x2000}},
      FunctionSymbol{"main", {0x3000}},
  };
  const IigClasses classes(functions);
  CHECK(classes.as_written("_ZN12SampleDriver10Start_ImplEP9IOService") == "SampleDriver::Start");
  CHECK(classes.as_written(
            "_ZN12SampleDriver12Start_InvokeE5IORPCP15OSMetaClassBasePFiS2_P9IOServiceE") ==
        "SampleDriver::Start");
  CHECK(classes.as_written("_ZN4acme6Driver9Stop_ImplEv") == "acme::Driver::Stop");
  CHECK(classes.as_written("_ZNK4acme6Driver9Stop_ImplEv") == "acme::Driver::Stop");
}

TEST_CASE("a class without iig's _Dispatch keeps its own names that end in _Impl") {
  const std::array functions{
      FunctionSymbol{"_ZN12SampleDriver9_DispatchEPS_5IORPC", {0x1000}},
      FunctionSymbol{"_ZN5Other9_DispatchEi", {0x2000}},
  };
  const IigClasses classes(functions);
  CHECK_FALSE(classes.as_written("_ZN12SampleDriver7Storage10flush_ImplEj").has_value());
  CHECK_FALSE(classes.as_written("_ZN5Other10Start_ImplEv").has_value());
  CHECK_FALSE(IigClasses().as_written("_ZN12SampleDriver10Start_ImplEv").has_value());
}

TEST_CASE("names that only resemble iig's are left alone") {
  const std::array functions{FunctionSymbol{"_ZN1D9_DispatchEPS_5IORPC", {0x1000}}};
  const IigClasses classes(functions);
  for (const char* name :
       {"_ZN1D5StartEv", "_ZN1D5_ImplEv", "Start_Impl", "_Z10Start_Implv", "_ZN1D10Start_Impl",
        "_ZN1D99Start_ImplEv", "_ZN1D0E", "_ZN", "_ZNK", "_ZN99999999999999999999D5StartEv"}) {
    INFO(name);
    CHECK_FALSE(classes.as_written(name).has_value());
  }
  CHECK(may_be_iig("_ZN1D10Start_ImplEv"));
  CHECK_FALSE(may_be_iig("_ZN1D5StartEv"));
}

}  // namespace panicscan::symbolizer
