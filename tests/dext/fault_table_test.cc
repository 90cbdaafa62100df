#include "refdext/Faults/FaultTable.h"

#include <set>
#include <string>

#include "catch.h"
#include "refdext/PSRefProtocol.h"

using namespace psref;

TEST_CASE("the table has every fault once, in order, and finds it by id and by name") {
  std::set<std::string> names;
  std::string last;
  for (const FaultRow& row : kFaults) {
    CHECK(last < row.id);
    last = row.id;
    CHECK(names.insert(row.name).second);
    CHECK(std::string(row.does).size() > 5);
    CHECK(&Row(FindFault(row.id)) == &row);
    CHECK(&Row(FindFault(row.name)) == &row);
  }
  CHECK(std::string(Row(Fault::F15).id) == "F15");
  CHECK(std::string(Row(Fault::F37).id) == "F37");
  CHECK(FindFault("F38") == Fault::count);
  CHECK(FindFault("") == Fault::count);
  CHECK(FindFault(nullptr) == Fault::count);
}

TEST_CASE("a fault that takes the machine down needs both consents") {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Fault::count); ++i) {
    const FaultRow& row = kFaults[i];
    if (row.armed_by != ArmedBy::call && row.armed_by != ArmedBy::personality) continue;
    const auto fault = static_cast<Fault>(i);
    const Arming without = row.safety == Safety::machine ? Arming::needs_consent : Arming::armed;
    INFO(row.id);
    CHECK(MayArm(fault, row.armed_by, false, 0) == without);
    CHECK(MayArm(fault, row.armed_by, true, 0) == without);
    CHECK(MayArm(fault, row.armed_by, false, kPanicKey) == without);
    CHECK(MayArm(fault, row.armed_by, true, kPanicKey) == Arming::armed);
  }
}

TEST_CASE("a fault is armed only in its own way") {
  CHECK(MayArm(Fault::F06, ArmedBy::call, true, kPanicKey) == Arming::not_by_this_way);
  CHECK(MayArm(Fault::F34, ArmedBy::personality, true, kPanicKey) == Arming::not_by_this_way);
  CHECK(MayArm(Fault::F19, ArmedBy::call, true, kPanicKey) == Arming::not_by_this_way);
  CHECK(MayArm(Fault::F20, ArmedBy::personality, false, 0) == Arming::armed);
  CHECK(MayArm(Fault::count, ArmedBy::call, true, kPanicKey) == Arming::unknown);
}
