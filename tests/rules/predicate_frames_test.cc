#include "catch.h"
#include "rules/fixture.h"

namespace panicscan::rules {
namespace {

using testing::LoadedRules;
using testing::RuleTexts;
using testing::Scene;

/// A panicked backtrace; "image`function", "`" alone is a frame without a name.
void panicked_stack(Scene& scene, const std::vector<std::string>& functions) {
  std::vector<Frame> frames;
  for (const std::string& written : functions) {
    const std::size_t tick = written.find('`');
    Frame frame;
    frame.address = {0xfffffe0007000000 + frames.size()};
    frame.reported_symbol = written.substr(tick + 1);
    frames.push_back(frame);
    Placement placement;
    placement.image = written.substr(0, tick);
    if (!placement.image.empty()) placement.status = PlacementStatus::placed;
    scene.placements.push_back(placement);
  }
  Backtrace backtrace;
  backtrace.frames = scene.builder.add_frames(std::move(frames));
  scene.builder.panic().backtraces.push_back(backtrace);
}

std::vector<Finding> ask(const std::string& predicate, Scene& scene) {
  LoadedRules rules(RuleTexts{
      {"a/rule", R"("match": [{"message": "x"}], "base": 50, "evidence": [)" + predicate + "]"}});
  INFO(rules.problem_texts());
  REQUIRE(rules.problems.empty());
  REQUIRE(rules.set);
  scene.message("x");
  auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  return findings;
}

/// "yes", "no" or "unknown".
std::string answer(const std::string& predicate, const std::vector<std::string>& stack) {
  Scene scene;
  if (!stack.empty()) panicked_stack(scene, stack);
  const auto findings = ask(
      R"({"points": 1, "says": "s", "says_missing": "m", "says_nameless": "m", )" + predicate + "}",
      scene);
  return !findings[0].in_favour.empty() ? "yes" : findings[0].settle.empty() ? "no" : "unknown";
}

}  // namespace

TEST_CASE("a frame is found by function, with or without its arguments") {
  const std::vector<std::string> stack{"kernel`panic", "kernel`IOUserServer::rpc(IORPC, int)"};
  CHECK(answer(R"("frame": {"function": "IOUserServer::rpc"})", stack) == "yes");
  CHECK(answer(R"("frame": {"function": "*rpc(IORPC*"})", stack) == "yes");
  CHECK(answer(R"("frame": {"function": "rpc"})", stack) == "no");
  CHECK(answer(R"("frame": {"function": "IOUserServer::rpc", "top": 1})", stack) == "no");
}

TEST_CASE("a function cannot be told without symbols, unless another frame answers") {
  CHECK(answer(R"("frame": {"function": "f"})", {"kernel`", "kernel`g"}) == "unknown");
  CHECK(answer(R"("frame": {"function": "f"})", {"kernel`", "kernel`f"}) == "yes");
  CHECK(answer(R"("frame": {"function": "f"})", {"kernel`e", "kernel`g"}) == "no");
  CHECK(answer(R"("frame": {"function": "f"})", {}) == "unknown");
  // Only frames of that image could be it.
  CHECK(answer(R"("frame": {"function": "f", "image": "com.example.*"})", {"kernel`"}) == "no");
  CHECK(answer(R"("frame": {"function": "f", "in": "any_thread"})", {"kernel`g"}) == "unknown");
}

TEST_CASE("image and vendor of a frame come from its placement") {
  const std::vector<std::string> stack{"com.apple.driver.X`a", "com.example.y`b"};
  CHECK(answer(R"("frame": {"vendor": "third_party"})", stack) == "yes");
  CHECK(answer(R"("frame": {"vendor": "third_party", "top": 1})", stack) == "no");
  CHECK(answer(R"("frame": {"vendor": "apple", "image": "com.example.*"})", stack) == "no");
  CHECK(answer(R"("frame": {"vendor": "third_party"})", {"`a"}) == "unknown");
}

TEST_CASE("a stack asks for functions in order; neighbours touch unless ... is between them") {
  const std::vector<std::string> stack{"k`a", "k`b", "k`c", "k`d"};
  CHECK(answer(R"("stack": ["a", "b"])", stack) == "yes");
  CHECK(answer(R"("stack": ["a", "c"])", stack) == "no");
  CHECK(answer(R"("stack": ["a", "...", "c", "d"])", stack) == "yes");
  CHECK(answer(R"("stack": ["...", "d", "..."])", stack) == "yes");
  CHECK(answer(R"("stack": ["c", "...", "a"])", stack) == "no");
  CHECK(answer(R"("stack": ["a", "z"])", {"k`a", "k`"}) == "unknown");
}

TEST_CASE("a frame offers its parts to sentences") {
  Scene scene;
  panicked_stack(scene, {"com.example.y`Example::stop"});
  const auto findings = ask(R"({"points": 1, "frame": {"function": "{cls:word}::stop"}, "as": "f",
      "says": "{cls}: {f.function} in {f.image} at {f.address}"})",
                            scene);
  REQUIRE(findings[0].in_favour.size() == 1);
  CHECK(findings[0].in_favour[0].says ==
        "Example: Example::stop in com.example.y at 0xfffffe0007000000");
}

TEST_CASE("threads are asked by state, wait, owner and name") {
  const auto with = [](const std::string& predicate, bool stackshot) {
    Scene scene;
    if (stackshot) {
      Process process;
      process.name = "exampled";
      scene.builder.begin_process(process);
      Thread thread;
      thread.id = {10};
      thread.name = "worker";
      thread.state = {"TH_WAIT", "TH_UNINT"};
      thread.queue = "com.example.dext-Default";
      scene.builder.add_thread(thread);
      WaitEdge wait;
      wait.waiter = {10};
      wait.kind = WaitKind::kernel_mutex;
      wait.owner = ThreadId{11};
      scene.builder.add_wait(wait);
      wait.waiter = {99};
      wait.kind = WaitKind::semaphore;
      wait.owner = Nobody{};
      scene.builder.add_wait(wait);
    }
    const auto findings =
        ask("{\"points\": 1, \"says\": \"s\", \"thread\": {" + predicate + "}}", scene);
    return std::string(!findings[0].in_favour.empty() ? "yes"
                       : findings[0].settle.empty()   ? "no"
                                                      : "unknown");
  };
  CHECK(with(R"("state": "TH_UNINT")", true) == "yes");
  CHECK(with(R"("state": "TH_UNINT")", false) == "unknown");
  CHECK(with(R"("state": "TH_RUN")", true) == "no");
  CHECK(with(R"("wait": "kernel_mutex", "owner": "thread", "name": "work*")", true) == "yes");
  CHECK(with(R"("wait": "kernel_mutex", "owner": "nobody")", true) == "no");
  CHECK(with(R"("wait": "semaphore")", true) == "yes");  // the waiter is no thread of the report
  CHECK(with(R"("wait": "semaphore", "process": "exampled")", true) == "no");
  CHECK(with(R"("queue": "*-Default", "process": "exampled")", true) == "yes");
}

TEST_CASE("kexts are asked by list, vendor and bundle id; images by name and kind") {
  const auto with = [](const std::string& predicate) {
    Scene scene;
    Kext kext;
    kext.list = KextList::last_started;
    kext.bundle_id = "com.example.driver";
    kext.version = "1.0";
    scene.builder.panic().kexts.push_back(kext);
    Image image;
    image.kind = ImageKind::process;
    image.name = "/usr/libexec/exampled";
    scene.builder.add_image(image);
    const auto findings = ask("{\"points\": 1, \"says\": \"s\", " + predicate + "}", scene);
    return !findings[0].in_favour.empty();
  };
  CHECK(with(R"("kext": {"vendor": "third_party"})"));
  CHECK_FALSE(with(R"("kext": {"vendor": "third_party", "list": "in_backtrace"})"));
  CHECK(with(R"("kext": {"bundle": "com.example.*", "list": "last_started"})"));
  CHECK_FALSE(with(R"("kext": {"bundle": "com.example"})"));
  CHECK(with(R"("image": {"name": "exampled"})"));
  CHECK_FALSE(with(R"("image": {"bundle": "exampled"})"));
  CHECK_FALSE(with(R"("image": {"name": "exampled", "kind": "kext"})"));
}

}  // namespace panicscan::rules
