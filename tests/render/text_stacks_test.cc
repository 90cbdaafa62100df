#include "catch.h"
#include "render/make_case.h"

// Threads and their stacks in the text report: what is folded, in which order, how many.

namespace panicscan {

using test::CaseMaker;
using test::has;
using test::lines_of;
using test::rendered;

TEST_CASE("frames of the panic machinery are folded, third-party frames stand out") {
  const std::string text = rendered(CaseMaker().power_timeout().build(), "text");
  CAPTURE(text);
  CHECK(has(text, "#0  panic and trap handling\n"));
  CHECK(has(text, "#2  0xfffffe0025a01abc  com.example.driver + 0x1abc"));
  CHECK(has(text, "<< culprit"));
}

TEST_CASE("after a trap the interrupted code comes first, and the handlers are folded") {
  CaseMaker maker;
  Panic& panic = maker.report().panic();
  panic.message.value = "Kernel data abort.";
  panic.caller = Sourced<Address>{{0xfffffe0020000200}, {}};
  panic.registers.push_back(
      {{{"pc", 0xfffffe0020000400}, {"lr", 0xfdc0fe0020000500}, {"far", 8}}, false, {}});
  maker.backtrace({0xfffffe0020000100, 0xfffffe0020000200, 0xfffffe0020000300, 0xfffffe0020000500,
                   0xfffffe0020000600});
  const std::string text = rendered(maker.build(), "text");
  CAPTURE(text);
  CHECK(has(text, "WHERE      pc  0xfffffe0020000400"));
  CHECK(has(text, "from the registers"));
  CHECK(has(text, "#0-2  panic and trap handling"));
  CHECK(has(text, "#3  0xfffffe0020000500"));
}

TEST_CASE("an underscore before a name goes when Mach-O put it there, not when its author did") {
  for (const auto from : {SymbolOrigin::report, SymbolOrigin::dwarf}) {
    CaseMaker maker;
    maker.power_timeout();
    Symbol symbol;
    symbol.function = "_helper";
    symbol.from = from;
    maker.subject().symbols.set({0}, {symbol});
    maker.subject().symbols.set({2}, {symbol});
    const std::string text = rendered(maker.build(), "text");
    CAPTURE(text);
    CHECK(has(text, from == SymbolOrigin::report ? "#2  helper " : "#2  _helper "));
  }
}

TEST_CASE("identical stacks of a stackshot are shown once, drivers first") {
  CaseMaker maker;
  maker.power_timeout();
  maker.process(0, "kernel_task", 1, std::vector(40, std::vector<std::uint64_t>{0x10, 0x20}));
  maker.process(300, "com.example.driver", 900, {{0x30, 0x40}, {0x30, 0x40}});
  maker.process(301, "launchd", 950, std::vector(3, std::vector<std::uint64_t>{0x10, 0x20}));
  maker.wait(900, "kernel mutex 0xa1 owned by thread 1");
  const std::string text = rendered(maker.build(), "text");
  CAPTURE(text);
  CHECK(has(text, "45 threads of 3 processes, 2 different stacks: 45 TH_WAIT"));
  const auto driver = text.find("2x    com.example.driver (300) tid 900 901");
  const auto crowd = text.find("43x   kernel_task (0), launchd (301)");
  REQUIRE(driver != std::string::npos);
  REQUIRE(crowd != std::string::npos);
  CHECK(driver < crowd);
  CHECK(has(text, "thread 900 waits: kernel mutex 0xa1 owned by thread 1"));
}

TEST_CASE("a thread without a stack says in which code it resumes, and each wait once") {
  CaseMaker maker;
  maker.process(0, "kernel_task", 1, {{}});
  Case subject = maker.build();
  Report& report = subject.report;
  Image image;
  image.kind = ImageKind::kernel_text_exec;
  image.name = "com.example.kext";
  image.base = {0xfffffe0007bc4000};
  report.images.push_back(image);
  Frame resumes;
  resumes.address = {0xfffffe0007bc4100};
  resumes.image = Index<Image>{0};
  report.threads[0].continuation = resumes;
  WaitEdge wait;
  wait.waiter = {1};
  wait.phrase = "kernel mutex 0xa1 [blocked on 7]";
  wait.where = {0, 0, 0};
  WaitEdge turnstile = wait;
  turnstile.kind = WaitKind::turnstile;
  turnstile.phrase = "blocked on 7";
  WaitEdge none = turnstile;
  none.where = {};
  none.phrase = none.detail = "no turnstile";
  report.waits = {wait, turnstile, none};
  const std::string text = rendered(subject, "text");
  CAPTURE(text);
  CHECK(has(text, "no stack; resumes at com.example.kext + 0x100"));
  CHECK(has(text, "waits: kernel mutex 0xa1 [blocked on 7]"));
  CHECK_FALSE(has(text, "waits: blocked on"));
  CHECK_FALSE(has(text, "no turnstile"));
}

TEST_CASE("other threads of the panicked process come first, unless it is only the messenger") {
  for (const bool is_messenger : {false, true}) {
    CaseMaker maker;
    maker.power_timeout();
    maker.process(9, "busydaemon", 10, {{1, 2}, {3, 4}});
    maker.process(300, "com.example.driver", 900, {{5, 6}});
    maker.subject().facts.panicked_thread = Index<Thread>{0};
    maker.subject().facts.culprit.messenger = is_messenger ? "busydaemon" : "";
    const std::string text = rendered(maker.build(), "text");
    CAPTURE(text);
    const auto panicked = text.find("busydaemon (9) tid 10"), companion = text.find("(9) tid 11"),
               driver = text.find("com.example.driver (300)");
    REQUIRE(companion != std::string::npos);
    CHECK(panicked < driver);
    CHECK((companion < driver) == !is_messenger);
  }
}

TEST_CASE("the default shows a dozen groups of threads, --full and --threads all show each") {
  CaseMaker maker;
  maker.power_timeout();
  std::vector<std::vector<std::uint64_t>> stacks;
  for (std::uint64_t i = 0; i < 30; ++i) stacks.push_back({0x1000 + i, 0x2000});
  maker.process(7, "busy", 100, stacks);
  const Case subject = maker.build();
  const auto groups = [](const std::string& text) {
    std::size_t count = 0;
    for (const std::string& line : lines_of(text)) count += has(line, "1x    busy") ? 1 : 0;
    return count;
  };
  render::Options options;
  CHECK(groups(rendered(subject, "text", options)) == 12);
  CHECK(has(rendered(subject, "text", options), "18 more threads in 18 groups"));
  options.threads = render::ThreadChoice::all;
  CHECK(groups(rendered(subject, "text", options)) == 30);
  options = {};
  options.full = true;
  CHECK(groups(rendered(subject, "text", options)) == 30);
  options = {};
  options.thread_limit = 5;
  CHECK(groups(rendered(subject, "text", options)) == 5);
}

}  // namespace panicscan
