#include "parsers/driver_source.h"

#include "catch.h"
#include "model/driver_extension.h"
#include "parsers/format.h"

using namespace panicscan;

namespace {

/// "name value" of each field, one a line.
std::string read(const std::string& text) {
  const auto report = parsers::parse(source_from_text("source", text));
  if (!report) return report.error().message;
  CHECK(report->format == kDriverSourceFormat);
  std::string lines;
  for (const Field& field : report->fields) {
    lines += field.name + " " + field.value + "\n";
    if (field.name == "queue" || field.name == "method")
      CHECK(field.value.ends_with(bytes_at(*report, field.where)));
  }
  return lines;
}

constexpr const char* kIig = R"(#include <DriverKit/IOService.iig>
class IOUserClient;
/* class Old : public IOService { */
class KERNEL ExampleNIC : public IOService {
public:
  virtual bool init() override;  // QUEUENAME(NotThis)
  virtual kern_return_t NewUserClient(uint32_t type, IOUserClient ** client) override QUEUENAME(Clients);
};
)";

}  // namespace

TEST_CASE("an .iig file says which methods name a queue") {
  CHECK(read(kIig) ==
        "class ExampleNIC : IOService\n"
        "method ExampleNIC::init\n"
        "method ExampleNIC::NewUserClient\n"
        "queue ExampleNIC::NewUserClient Clients\n");
}

TEST_CASE("a .cpp file says which names got a queue, by string or constant") {
  const std::string lines = read(R"(#include <DriverKit/IODispatchQueue.h>
constexpr char kAuxiliary[] = "AuxiliaryQueue";
kern_return_t IMPL(ExampleNIC, Start) {
  IODispatchQueue::Create("NotThis", 0, 0, &ivars->queue);
  SetDispatchQueue("Clients", ivars->queue);
  SetDispatchQueue(kAuxiliary, ivars->queue);
  SetDispatchQueue(unknown_, ivars->queue);
  return Start(provider, SUPERDISPATCH);
}
kern_return_t IMPL(ExampleNIC, Stop) { return Stop(provider, SUPERDISPATCH); }
)");
  CHECK(lines ==
        "implementation ExampleNIC\nSetDispatchQueue Clients\nSetDispatchQueue AuxiliaryQueue\n");
}

TEST_CASE("other C++ is no source of a driver extension") {
  CHECK(read("#include <vector>\nclass A : public B {\n};\n").find("no kernel panic") !=
        std::string::npos);
}

TEST_CASE("a source may end anywhere") {
  const std::string text = kIig;
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto report = parsers::parse(source_from_text("source", text.substr(0, length)));
    if (report) CHECK(report->fields.size() <= 4);
  }
}
