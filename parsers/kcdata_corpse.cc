#include "parsers/kcdata_corpse.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/kcdata_types.h"

namespace panicscan::parsers {
namespace {

/// Exceptions by number. Source: xnu osfmk/mach/exception_types.h.
constexpr std::array<std::string_view, 14> kExceptions{"",
                                                       "EXC_BAD_ACCESS",
                                                       "EXC_BAD_INSTRUCTION",
                                                       "EXC_ARITHMETIC",
                                                       "EXC_EMULATION",
                                                       "EXC_SOFTWARE",
                                                       "EXC_BREAKPOINT",
                                                       "EXC_SYSCALL",
                                                       "EXC_MACH_SYSCALL",
                                                       "EXC_RPC_ALERT",
                                                       "EXC_CRASH",
                                                       "EXC_RESOURCE",
                                                       "EXC_GUARD",
                                                       "EXC_CORPSE_NOTIFY"};
constexpr std::uint64_t kExcCrash = 10;

/// Namespaces of exit reasons, by number from 0 on. Source: xnu bsd/sys/reason.h, OS_REASON_*.
constexpr std::array<std::string_view, 44> kNamespaces{"",
                                                       "JETSAM",
                                                       "SIGNAL",
                                                       "CODESIGNING",
                                                       "HANGTRACER",
                                                       "TEST",
                                                       "DYLD",
                                                       "LIBXPC",
                                                       "OBJC",
                                                       "EXEC",
                                                       "SPRINGBOARD",
                                                       "TCC",
                                                       "REPORTCRASH",
                                                       "COREANIMATION",
                                                       "AGGREGATED",
                                                       "RUNNINGBOARD",
                                                       "SKYWALK",
                                                       "SETTINGS",
                                                       "LIBSYSTEM",
                                                       "FOUNDATION",
                                                       "WATCHDOG",
                                                       "METAL",
                                                       "WATCHKIT",
                                                       "GUARD",
                                                       "ANALYTICS",
                                                       "SANDBOX",
                                                       "SECURITY",
                                                       "ENDPOINTSECURITY",
                                                       "PAC_EXCEPTION",
                                                       "BLUETOOTH_CHIP",
                                                       "PORT_SPACE",
                                                       "WEBKIT",
                                                       "BACKLIGHTSERVICES",
                                                       "MEDIA",
                                                       "ROSETTA",
                                                       "LIBIGNITION",
                                                       "BOOTMOUNT",
                                                       "",
                                                       "REALITYKIT",
                                                       "AUDIO",
                                                       "WAKEBOARD",
                                                       "CORERC",
                                                       "SELF_RESTRICT",
                                                       "ARKIT"};

/// What a code means in its namespace. Source: xnu bsd/sys/kern_memorystatus.h,
/// bsd/sys/signal.h.
struct CodeMeaning {
  std::string_view name_space;
  std::uint64_t code;
  std::string_view meaning;
};
constexpr std::array kCodes{
    CodeMeaning{"JETSAM", 1, "generic"},
    CodeMeaning{"JETSAM", 2, "highwater"},
    CodeMeaning{"JETSAM", 3, "vnode limit"},
    CodeMeaning{"JETSAM", 4, "vm-pageshortage"},
    CodeMeaning{"JETSAM", 5, "proc-thrashing"},
    CodeMeaning{"JETSAM", 6, "fc-thrashing"},
    CodeMeaning{"JETSAM", 7, "per-process-limit"},
    CodeMeaning{"JETSAM", 8, "disk-space-shortage"},
    CodeMeaning{"JETSAM", 9, "idle-exit"},
    CodeMeaning{"JETSAM", 10, "zone-map-exhaustion"},
    CodeMeaning{"JETSAM", 11, "vm-compressor-thrashing"},
    CodeMeaning{"JETSAM", 12, "vm-compressor-space-shortage"},
    CodeMeaning{"JETSAM", 13, "low-swap"},
    CodeMeaning{"JETSAM", 14, "sustained-memory-pressure"},
    CodeMeaning{"JETSAM", 100, "CPU limit"},
    CodeMeaning{"SIGNAL", 4, "SIGILL"},
    CodeMeaning{"SIGNAL", 5, "SIGTRAP"},
    CodeMeaning{"SIGNAL", 6, "SIGABRT"},
    CodeMeaning{"SIGNAL", 8, "SIGFPE"},
    CodeMeaning{"SIGNAL", 9, "SIGKILL"},
    CodeMeaning{"SIGNAL", 10, "SIGBUS"},
    CodeMeaning{"SIGNAL", 11, "SIGSEGV"},
    CodeMeaning{"SIGNAL", 15, "SIGTERM"},
    CodeMeaning{"SIGNAL", 24, "SIGXCPU"},
};

std::string_view meaning_of(std::string_view name_space, std::uint64_t code) {
  for (const CodeMeaning& row : kCodes)
    if (row.name_space == name_space && row.code == code) return row.meaning;
  return {};
}

template <std::size_t N>
std::string name_of(const std::array<std::string_view, N>& names, std::uint64_t number) {
  if (number < N && !names[number].empty()) return std::string(names[number]);
  return std::to_string(number);
}

class CorpseReader {
 public:
  CorpseReader(const KcdataTree& tree, KcdataPlace place, ReportBuilder& out)
      : tree_(tree), place_(place), out_(out) {}

  void read() {
    crash_.is_corpse = static_cast<KcdataClass>(tree_.root().type) != KcdataClass::os_reason;
    crash_.where = {place_.document, place_.start,
                    static_cast<std::uint32_t>(tree_.bytes().size())};
    tree_.for_each(tree_.root(), [&](const KcdataNode& node) { read(node); });
    if (exception_type_ || !codes_.empty()) finish_exception();
    Process process;
    if (crash_.pid) process.id = *crash_.pid;
    process.name = crash_.process;
    process.where = crash_.where;
    out_.begin_process(std::move(process));
    if (thread_.id.value != 0 || !frames_.empty()) {
      thread_.user_stack = out_.add_frames(std::move(frames_));
      crash_.crashed_thread = out_.add_thread(std::move(thread_));
    }
    out_.report().crash = std::move(crash_);
    out_.report().kind = ReportKind::crash;
  }

 private:
  std::uint64_t number(const KcdataNode& node, std::string_view name = {}) const {
    return kcdata_number(node.type, tree_.data(node), name).value_or(0);
  }
  std::string text(const KcdataNode& node, std::string_view name = {}) const {
    return kcdata_text(node.type, tree_.data(node), name);
  }
  std::optional<ProcessId> pid(const KcdataNode& node) const {
    return ProcessId{static_cast<std::int64_t>(number(node))};
  }

  void read(const KcdataNode& node) {
    if (node.kind == KcdataKind::buffer)
      return tree_.for_each(node, [&](const KcdataNode& inner) { read(inner); });
    if (node.kind == KcdataKind::array) return read_array(node);
    switch (node.type) {
      case 0x36:
      case 0x805:
      case 0xa01:
        crash_.pid = pid(node);
        break;
      case 0x806:
      case 0xa02:
        crash_.parent_pid = pid(node);
        break;
      case 0x37:
      case 0x809:
      case 0xa03:
        crash_.process = text(node);
        break;
      case 0x80f:
      case 0xa04:
        crash_.path = text(node);
        break;
      case 0x83b:
        crash_.bundle_id = text(node);
        break;
      case 0x80e:
      case 0xa09:
        codes_ = {number(node, "code_0"), number(node, "code_1")};
        exception_.where = place_.of(node);
        break;
      case 0x838:
      case 0xa0a:
        exception_type_ = number(node);
        break;
      case 0x81a:
      case 0xa20:
        thread_.id = {number(node)};
        thread_.where = place_.of(node);
        break;
      case 0xa21:
        thread_.name = text(node);
        break;
      case 0x836:
        read_triage(node);
        break;
      case 0xaff:
        if ((number(node) & 0x9) != 0)
          out_.note(NoteKind::truncated, "the backtrace or the data of the corpse are incomplete",
                    place_.of(node));
        break;
      case 0x1001:
        read_reason(node);
        break;
      case 0x1002:
        termination(node).details.push_back(text(node));
        break;
      case 0x1004:
        read_codesigning(node);
        break;
      default:
        break;
    }
  }

  void read_array(const KcdataNode& node) {
    if (node.type == 0x30 || node.type == 0x31) return read_images(node);
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const std::string_view data = tree_.element(node, i);
      const auto first = kcdata_number(node.type, data);
      if (!first) continue;
      if (node.type == 0xa24 || node.type == 0xa25)
        frames_.push_back({{*first},
                           frames_.empty() ? AddressKind::pc : AddressKind::return_address,
                           std::nullopt,
                           {},
                           place_.of(node)});
      if (node.type == 0x80e || node.type == 0xa09) codes_.push_back(*first);
    }
  }

  void read_images(const KcdataNode& node) {
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const std::string_view data = tree_.element(node, i);
      const auto uuid = kcdata_field(node.type, data, "imageUUID");
      if (!uuid || uuid->count != 16 || !out_.has_room_for_image()) continue;
      Image image;
      image.kind = ImageKind::process;
      image.letter = 'P';
      image.base = {kcdata_number(node.type, data, "imageLoadAddress").value_or(0)};
      image.uuid.emplace();
      for (std::uint32_t n = 0; n < 16; ++n)
        image.uuid->bytes[n] = static_cast<std::uint8_t>(uuid->at(n));
      image.where = place_.of(node);
      out_.add_image(std::move(image));
    }
  }

  /// The first code of an EXC_CRASH packs the signal and the exception that led to it.
  void finish_exception() {
    constexpr unsigned kSignalShift = 24, kExceptionShift = 20;
    constexpr std::uint64_t kSignalMask = 0xff, kExceptionMask = 0xf;
    exception_.codes = codes_;
    if (exception_type_) exception_.type = name_of(kExceptions, *exception_type_);
    if (!codes_.empty() && (!exception_type_ || *exception_type_ == kExcCrash)) {
      const std::uint64_t signal = codes_[0] >> kSignalShift & kSignalMask;
      const std::uint64_t inner = codes_[0] >> kExceptionShift & kExceptionMask;
      exception_.signal = meaning_of("SIGNAL", signal);
      if (!exception_type_ && inner != 0) exception_.type = name_of(kExceptions, inner);
    }
    crash_.exception = std::move(exception_);
  }

  Termination& termination(const KcdataNode& node) {
    if (!crash_.termination) {
      crash_.termination.emplace();
      crash_.termination->where = place_.of(node);
    }
    return *crash_.termination;
  }

  void read_reason(const KcdataNode& node) {
    Termination& reason = termination(node);
    reason.name_space = name_of(kNamespaces, number(node, "ers_namespace"));
    reason.code = kcdata_number(node.type, tree_.data(node), "ers_code");
    reason.flags = kcdata_number(node.type, tree_.data(node), "ers_flags");
    if (reason.code) reason.indicator = meaning_of(reason.name_space, *reason.code);
  }

  void read_codesigning(const KcdataNode& node) {
    Termination& reason = termination(node);
    reason.reasons.push_back("invalid page at " + hex(number(node, "ceri_virt_addr")) + ", " +
                             text(node, "ceri_pathname") + " " + text(node, "ceri_filename") +
                             " at offset " + hex(number(node, "ceri_file_offset")) +
                             (number(node, "ceri_page_codesig_tainted") != 0 ? ", tainted" : "") +
                             (number(node, "ceri_page_dirty") != 0 ? ", dirty" : ""));
  }

  void read_triage(const KcdataNode& node) {
    KcdataFields fields(*find_kcdata_type(node.type), tree_.data(node));
    while (const auto field = fields.next())
      if (!field->text().empty()) crash_.kernel_triage += std::string(field->text()) + "\n";
  }

  const KcdataTree& tree_;
  KcdataPlace place_;
  ReportBuilder& out_;
  Crash crash_;
  Exception exception_;
  std::optional<std::uint64_t> exception_type_;
  std::vector<std::uint64_t> codes_;
  Thread thread_;
  std::vector<Frame> frames_;
};

}  // namespace

void read_kcdata_corpse(const KcdataTree& tree, KcdataPlace place, ReportBuilder& out) {
  CorpseReader(tree, place, out).read();
}

}  // namespace panicscan::parsers
