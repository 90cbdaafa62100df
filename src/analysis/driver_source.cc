#include <algorithm>
#include <set>
#include <string>

#include "analysis/analysis.h"
#include "model/driver_extension.h"

// What the sources of a driver extension say of its queues, when they were joined: which method
// names a queue, and whether the class ever gets one of that name.

namespace panicscan::analysis {
namespace {

constexpr FactField kQueueFields[] = {
    {"class", ValueType::text, "the class"},
    {"method", ValueType::text, "its method"},
    {"queue", ValueType::text, "the name in QUEUENAME"},
    {"is_set", ValueType::boolean,
     "whether SetDispatchQueue is called with that name; not known without the .cpp file"},
    {"bundled", ValueType::text,
     "UserProcessBundledParallelTasks, when the class has that method as well"},
};
constexpr FactSchema kQueue{"source.queue", "A method whose .iig file names a queue of its own.",
                            kQueueFields};
constexpr const FactSchema* kSchemas[] = {&kQueue};

constexpr std::string_view kBundled = "UserProcessBundledParallelTasks";
constexpr std::size_t kMostQueues = 50;

/// What all joined sources say together.
struct Sources {
  std::set<std::string, std::less<>> methods, implementations, set_queues;
};

Sources read(const Input& input) {
  Sources sources;
  for (const Companion& companion : input.companions) {
    if (companion.report.format != kDriverSourceFormat) continue;
    for (const Field& field : companion.report.fields) {
      if (field.name == "method") sources.methods.insert(field.value);
      if (field.name == "implementation") sources.implementations.insert(field.value);
      if (field.name == "SetDispatchQueue") sources.set_queues.insert(field.value);
    }
  }
  return sources;
}

/// "ExampleHBA::UserProcessParallelTask FaultQueue"
std::optional<Fact> queue_fact(const Field& field, const Sources& sources) {
  const std::size_t colons = field.value.find("::"), blank = field.value.find(' ');
  if (colons == std::string::npos || blank == std::string::npos || blank < colons)
    return std::nullopt;
  const std::string name = field.value.substr(0, colons);
  const std::string method = field.value.substr(colons + 2, blank - colons - 2);
  const std::string queue = field.value.substr(blank + 1);
  Fact fact(kQueue);
  fact.set("class", Value::text(name));
  fact.set("method", Value::text(method));
  fact.set("queue", Value::text(queue));
  if (sources.implementations.contains(name))
    fact.set("is_set", Value::boolean(sources.set_queues.contains(queue)));
  if (sources.methods.contains(name + "::" + std::string(kBundled)))
    fact.set("bundled", Value::text(std::string(kBundled)));
  fact.because.push_back({"the source names the queue " + queue + " for " + name + "::" + method,
                          field.where,
                          {},
                          {}});
  return fact;
}

void run(const Input& input, Facts& facts) {
  const Sources sources = read(input);
  std::size_t left = kMostQueues;
  for (std::uint32_t i = 0; i < input.companions.size(); ++i) {
    const Report& report = input.companions[i].report;
    if (report.format != kDriverSourceFormat) continue;
    for (const Field& field : report.fields) {
      if (field.name != "queue" || left == 0) continue;
      auto fact = queue_fact(field, sources);
      if (!fact) continue;
      --left;
      fact->companion = i + 1;
      facts.all.push_back(*std::move(fact));
    }
  }
}

}  // namespace

constinit const Analysis kDriverSource{"driver_source", kSchemas, run};

}  // namespace panicscan::analysis
