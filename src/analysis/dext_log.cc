#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "analysis/analysis.h"
#include "base/text.h"
#include "model/driverkit_calls.h"

// What the log tells of the services of driver extensions, put together from several lines: was a
// service started, is the process that crashed its own, and which calls are not supported by the
// kernel's class of its personality. It rests on the facts log.event, device.dext and
// crash.process.
//
// The kernel names a service "Class-0x<registry entry id>" and its process by IOUserServerName and
// the same kind of id. Source: xnu iokit/Kernel/IOUserServer.cpp, IOService.cpp (DKS, DKN).

namespace panicscan::analysis {
namespace {

constexpr FactField kServiceFields[] = {
    {"name", ValueType::text, "its class in the driver extension"},
    {"server", ValueType::text, "its process: IOUserServerName, mostly the bundle id"},
    {"provider", ValueType::text, "what it was started on"},
    {"start_ok", ValueType::boolean, "whether start() of its object in the kernel succeeded"},
    {"kernel_class", ValueType::text, "the class of that object, from a dump of the registry"},
    {"started", ValueType::boolean, "whether its own Start ran"},
    {"crashed", ValueType::boolean, "whether it belongs to the process of the crash report"},
    {"methods", ValueType::list, "methods that it logged itself"},
    {"family", ValueType::text, "the family whose methods these are, e.g. SCSI controller"},
};
constexpr FactSchema kService{
    "dext.service", "A service of a driver extension, as the log tells of it.", kServiceFields};

constexpr FactField kUnsupportedFields[] = {
    {"name", ValueType::text, "the class that logged it"},
    {"methods", ValueType::list, "the methods whose result was kIOReturnUnsupported"},
    {"count", ValueType::number, "how many different ones"},
    {"family", ValueType::text, "the family that some of them belong to"},
    {"wanted_class", ValueType::text, "the class in the kernel (IOClass) that this family has"},
    {"wanted_bundle", ValueType::text, "and the bundle that has it (CFBundleIdentifierKernel)"},
    {"kernel_class", ValueType::text, "the class in the kernel, from a dump of the registry"},
    {"fits", ValueType::boolean, "whether these two are the same"},
};
constexpr FactSchema kUnsupported{
    "dext.unsupported", "Calls of a driver extension that ended with kIOReturnUnsupported.",
    kUnsupportedFields};

constexpr const FactSchema* kSchemas[] = {&kService, &kUnsupported};

constexpr std::uint64_t kIOReturnUnsupported = 0xe00002c7;  // xnu iokit/IOKit/IOReturn.h
constexpr std::size_t kMostServices = 20;
/// The runtime calls it before the first message of any kind, so it says nothing about Start.
constexpr std::string_view kInit = "init";

std::string text_of(const Fact& fact, std::string_view field) {
  const Value* value = fact.find(field);
  return value != nullptr ? format(*value) : std::string();
}

bool says(const Fact& fact, std::string_view kind) { return text_of(fact, "kind") == kind; }

/// "PSRefDext-0x100000a11" and "com.example.nic-100000a10" without the id.
std::string without_id(std::string name) {
  const std::size_t dash = name.rfind('-');
  if (dash != std::string::npos && parse_hex(std::string_view(name).substr(dash + 1)))
    name.resize(dash);
  return name;
}

/// What the lines about one class say.
struct Service {
  std::string server, provider;
  std::optional<bool> start_ok;
  bool is_seen = false;
  std::set<std::string> methods, senders, unsupported;
  std::vector<Evidence> because, because_unsupported;
};

class DextLog {
 public:
  explicit DextLog(Facts& facts) : facts_(facts) {}

  void publish() {
    // The newest line comes first; stories are told the other way round.
    for (auto fact = facts_.all.rbegin(); fact != facts_.all.rend(); ++fact)
      if (fact->schema->name == "log.event") read(*fact);
    std::vector<Fact> made;
    for (const auto& [key, service] : services_) {
      if (made.size() >= kMostServices) break;
      const std::uint32_t companion = key.first;
      const std::string& name = key.second;
      const auto add = [&](Fact fact) { made.emplace_back(std::move(fact)).companion = companion; };
      if (service.is_seen) add(service_fact(name, service));
      if (!service.unsupported.empty()) add(unsupported_fact(name, service));
    }
    for (Fact& fact : made) facts_.all.push_back(std::move(fact));
  }

 private:
  Service& service(const Fact& line, const std::string& name) {
    return services_[{line.companion, name}];
  }

  void read(const Fact& line) {
    const std::string subject = without_id(text_of(line, "subject"));
    if (subject.empty()) return;
    if (says(line, "dext-start")) {
      Service& started = service(line, subject);
      started.is_seen = true;
      started.provider = without_id(text_of(line, "object"));
      started.start_ok = text_of(line, "result") == "ok";
      add_reason(started.because, line);
    } else if (says(line, "dext-waiting-for-server")) {
      Service& waiting = service(line, subject);
      waiting.is_seen = true;
      waiting.server = without_id(text_of(line, "object"));
    } else if (says(line, "dext-method") || says(line, "dext-call-result")) {
      Service& own = service(line, subject);
      const std::string method = text_of(line, "function");
      own.is_seen = true;
      add_reason(own.because, line);
      own.methods.insert(method);
      if (const std::string sender = text_of(line, "sender"); !sender.empty())
        own.senders.insert(sender);
      const Value* code = line.find("code");
      if (code != nullptr && code->as_number() == kIOReturnUnsupported) {
        own.unsupported.insert(method);
        add_reason(own.because_unsupported, line);
      }
    }
  }

  static void add_reason(std::vector<Evidence>& because, const Fact& line) {
    because.insert(because.end(), line.because.begin(), line.because.end());
  }

  /// The registry's entry of a service with that class; null when no dump shows one.
  const Fact* entry(const std::string& name) const {
    const auto found = std::ranges::find_if(facts_.all, [&](const Fact& fact) {
      return fact.schema->name == "device.dext" && text_of(fact, "user_class") == name;
    });
    return found != facts_.all.end() ? &*found : nullptr;
  }

  /// Whether the service runs in the process that crashed; nothing when that cannot be told.
  std::optional<bool> is_crashed(const std::string& name, const Service& service) const {
    const Fact* process = facts_.find("crash.process");
    if (process == nullptr) return std::nullopt;
    const std::set<std::string> crashed{text_of(*process, "name"), text_of(*process, "bundle")};
    if (!service.server.empty()) return crashed.contains(service.server);
    if (std::ranges::any_of(service.senders, [&](const auto& s) { return crashed.contains(s); }))
      return true;
    if (const Fact* in_registry = entry(name))
      return crashed.contains(text_of(*in_registry, "bundle"));
    return std::nullopt;
  }

  /// Whether the extension's own Start ran. That start() in the kernel succeeded does not say it:
  /// IOService::start sends nothing. The extension's own lines do, and so does the class in the
  /// kernel. Source: xnu iokit/Kernel/IOService.cpp (start), IOUserServer.cpp
  /// (IOUserService::start).
  static std::optional<bool> is_started(const Service& service, const std::string& kernel_class) {
    if (std::ranges::any_of(service.methods, [](const auto& m) { return m != kInit; })) return true;
    if (kernel_class == "IOService" || service.methods.contains(std::string(kInit))) return false;
    if (service.start_ok && !kernel_class.empty()) return service.start_ok;
    return std::nullopt;
  }

  static const DriverKitFamily& family_of(const std::set<std::string>& methods) {
    for (const std::string& method : methods)
      if (const auto* row = find_driverkit_call(method);
          row != nullptr && row->family != &driverkit_families::kPlain)
        return *row->family;
    return driverkit_families::kPlain;
  }

  static Value list(const std::set<std::string>& items) {
    return Value::list({items.begin(), items.end()});
  }

  static void set_text(Fact& fact, std::string_view field, std::string_view text) {
    if (!text.empty()) fact.set(field, Value::text(std::string(text)));
  }

  Fact service_fact(const std::string& name, const Service& service) const {
    Fact fact(kService);
    set_text(fact, "name", name);
    set_text(fact, "server", service.server);
    set_text(fact, "provider", service.provider);
    if (service.start_ok) fact.set("start_ok", Value::boolean(*service.start_ok));
    const Fact* in_registry = entry(name);
    const std::string kernel_class = in_registry ? text_of(*in_registry, "class") : "";
    set_text(fact, "kernel_class", kernel_class);
    if (const auto started = is_started(service, kernel_class))
      fact.set("started", Value::boolean(*started));
    if (const auto crashed = is_crashed(name, service))
      fact.set("crashed", Value::boolean(*crashed));
    if (!service.methods.empty()) fact.set("methods", list(service.methods));
    set_text(fact, "family", family_of(service.methods).name);
    fact.because = service.because;
    return fact;
  }

  Fact unsupported_fact(const std::string& name, const Service& service) const {
    const DriverKitFamily& family = family_of(service.unsupported);
    Fact fact(kUnsupported);
    set_text(fact, "name", name);
    fact.set("methods", list(service.unsupported));
    fact.set("count", Value::number(service.unsupported.size()));
    if (&family != &driverkit_families::kPlain) {
      set_text(fact, "family", family.name);
      set_text(fact, "wanted_class", family.kernel_class);
      set_text(fact, "wanted_bundle", family.kernel_bundle);
    }
    fact.because = service.because_unsupported;
    if (const Fact* in_registry = entry(name)) {
      const std::string kernel_class = text_of(*in_registry, "class");
      set_text(fact, "kernel_class", kernel_class);
      if (&family != &driverkit_families::kPlain)
        fact.set("fits", Value::boolean(kernel_class == family.kernel_class));
    }
    return fact;
  }

  Facts& facts_;
  std::map<std::pair<std::uint32_t, std::string>, Service> services_;  ///< by log and class
};

void run(const Input&, Facts& facts) { DextLog(facts).publish(); }

}  // namespace

constinit const Analysis kDextLog{"dext_log", kSchemas, run};

}  // namespace panicscan::analysis
