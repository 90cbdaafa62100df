#include "catch.h"
#include "rules/fixture.h"

namespace panicscan::rules {
namespace {

using testing::LoadedRules;
using testing::RuleTexts;
using testing::Scene;

const std::string kBusy = R"("match": [{"message": "busy {n:uint} of {svc:word}"}], "base": 50)";

}  // namespace

TEST_CASE("a rule whose message fits becomes a finding with its sentences filled in") {
  LoadedRules rules(
      RuleTexts{{"a/busy", kBusy + R"(, "explain": ["{svc} was busy.", "{{kept}"])"}});
  REQUIRE(rules.set);
  INFO(rules.problem_texts());
  REQUIRE(rules.problems.empty());
  Scene scene;
  scene.message("first line\nbusy 3 of Example");
  const auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  const Finding& finding = findings[0];
  CHECK(finding.summary == "Example was busy. {kept}");
  CHECK(finding.points == 50);
  CHECK(finding.certainty == Certainty::possible);
  REQUIRE(finding.captures.size() == 2);
  CHECK(finding.captures[0].second == Value::number(3));
  REQUIRE(finding.matched.size() == 1);
  CHECK(finding.matched[0].says == "the panic message reads \"busy 3 of Example\"");
  CHECK(bytes_at(scene.report, finding.matched[0].where) == "busy 3 of Example");
}

TEST_CASE("evidence adds and removes points, within 0 and 99") {
  const std::string members = kBusy + R"(, "evidence": [
    {"points": 45, "fact": "demo.fact", "where": {"level": {"gt": 2}}, "says": "for"},
    {"points": 45, "fact": "demo.fact", "where": {"held": true}, "says": "more for"},
    {"points": -70, "fact": "demo.fact", "where": {"name": "bad"}, "says": "against"}])";
  LoadedRules rules(RuleTexts{{"a/busy", members}});
  REQUIRE(rules.set);
  SECTION("clamped above") {
    Scene scene;
    scene.message("busy 3 of Example");
    scene.fact().set("level", Value::number(3)).set("held", Value::boolean(true));
    const auto findings = scene.ask(*rules.set);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].points == 99);
    CHECK(findings[0].certainty == Certainty::confirmed);
    CHECK(findings[0].in_favour.size() == 2);
    CHECK(findings[0].settle.empty());  // the name is not known, and nobody could add it
  }
  SECTION("less than 30 points is not shown") {
    Scene scene;
    scene.message("busy 3 of Example");
    scene.fact().set("name", Value::text("bad"));
    CHECK(scene.ask(*rules.set).empty());
  }
}

TEST_CASE("the first alternative of any that holds decides, with its own base and captures") {
  LoadedRules rules(RuleTexts{{"a/any", R"("match": [{"any": [
      {"message": "stall[{n:uint}]", "base": 80},
      {"message": "stall", "base": 40, "says": "it stalled somehow"}]}],
      "explain": ["it stalled.", "Index {n}."])"}});
  INFO(rules.problem_texts());
  REQUIRE(rules.set);
  Scene exact;
  exact.message("stall[4]");
  auto findings = exact.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].points == 80);
  CHECK(findings[0].summary == "it stalled. Index 4.");
  Scene vague;
  vague.message("a stall");
  findings = vague.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].points == 40);
  CHECK(findings[0].summary == "it stalled.");
  CHECK(findings[0].matched[0].says == "it stalled somehow");
}

TEST_CASE("a match on an inferred fact is never confirmed") {
  LoadedRules rules(RuleTexts{{"a/fact", R"("match": [{"fact": "demo.fact"}], "base": 95)"}});
  Scene scene;
  scene.message("x");
  scene.fact().origin = Origin::inferred;
  auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].points == 79);
  CHECK(findings[0].certainty == Certainty::likely);
  scene.facts.all[0].origin = Origin::reported;
  CHECK(scene.ask(*rules.set)[0].certainty == Certainty::confirmed);
}

TEST_CASE("facts are compared by type; the first that fits all is taken") {
  const auto fires = [](const std::string& where, auto&& prepare) {
    LoadedRules rules(RuleTexts{{"a/fact", R"("match": [{"fact": "demo.fact", "where": )" + where +
                                               R"(, "as": "f"}], "base": 50)"}});
    INFO(rules.problem_texts());
    REQUIRE(rules.set);
    REQUIRE(rules.set->rules().size() == 1);
    Scene scene;
    scene.message("x");
    prepare(scene);
    return !scene.ask(*rules.set).empty();
  };
  const auto one = [](Scene& scene) {
    scene.fact()
        .set("name", Value::text("pci-bridge"))
        .set("level", Value::number(7))
        .set("status", Value::hex(0x1f))
        .set("waited", Value::of(ValueType::seconds, 60))
        .set("names", Value::list({"a", "bc"}))
        .set("held", Value::boolean(false))
        .set("vendor", Value::text("unknown"));
  };
  CHECK(fires(R"({"name": "pci-bridge"})", one));
  CHECK_FALSE(fires(R"({"name": "pci"})", one));
  CHECK(fires(R"({"name": {"contains": "pci"}})", one));
  CHECK(fires(R"({"name": {"matches": "^pci-[a-z]+$"}})", one));
  CHECK(fires(R"({"name": {"in": ["x", "pci-bridge"]}})", one));
  CHECK(fires(R"({"level": 7, "status": "0x1f"})", one));
  CHECK(fires(R"({"level": {"gt": 6, "le": 7}, "waited": {"ge": 60}})", one));
  CHECK_FALSE(fires(R"({"level": {"gt": 6, "lt": 7}})", one));
  CHECK(fires(R"({"names": {"contains": "bc"}})", one));
  CHECK_FALSE(fires(R"({"names": {"contains": "b"}})", one));
  CHECK(fires(R"({"names": {"matches": "b"}})", one));
  CHECK(fires(R"({"held": false})", one));
  CHECK(fires(R"({"origin": "reported"})", one));
  CHECK(fires(R"({"level": {"exists": true}})", one));
  CHECK_FALSE(fires(R"({"level": {"exists": false}})", one));
  CHECK(fires(R"({"level": {"exists": false}})", [](Scene& scene) { scene.fact(); }));
  CHECK_FALSE(fires(R"({"level": 7})", [](Scene& scene) { scene.fact(); }));
  CHECK(fires(R"({"level": 8})", [&](Scene& scene) {
    one(scene);
    scene.fact().set("level", Value::number(8));
  }));
  // "unknown" is an answer when asked for, and no answer to anything else.
  CHECK(fires(R"({"vendor": "unknown"})", one));
  CHECK_FALSE(fires(R"({"vendor": "apple"})", one));
}

TEST_CASE("what cannot be evaluated is listed as what would settle it") {
  LoadedRules rules(RuleTexts{{"a/busy", kBusy + R"(, "evidence": [
    {"points": 9, "fact": "demo.fact", "where": {"vendor": "apple"}, "says": "it is Apple's"},
    {"points": 9, "frame": {"function": "f"}, "says": "f runs", "says_missing": "symbols for {svc}"},
    {"points": 9, "thread": {"state": "TH_UNINT"}, "says": "a thread hangs"},
    {"points": 9, "companion": "log", "template": "gone", "says": "the log says so"}])"}});
  INFO(rules.problem_texts());
  REQUIRE(rules.set);
  Scene scene;
  scene.message("busy 3 of Example");
  scene.fact().set("vendor", Value::text("unknown"));
  const auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  const auto& settle = findings[0].settle;
  REQUIRE(settle.size() == 3);  // nothing is made up for a value that an analysis did not find
  CHECK(settle[0].says == "symbols for Example");
  CHECK(settle[1].says == "a stackshot (the full .ips) would show whether a thread hangs");
  CHECK(settle[2].says == "a companion file would show whether the log says so");
  CHECK(findings[0].points == 50);
}

TEST_CASE("with a stackshot at hand, names for its threads are asked for and not the stackshot") {
  LoadedRules rules(RuleTexts{{"a/busy", kBusy + R"(, "evidence": [
    {"points": 9, "frame": {"in": "any_thread", "function": "f"}, "says": "f runs",
     "says_missing": "a stackshot", "says_nameless": "symbols for {svc}"},
    {"points": 9, "frame": {"in": "any_thread", "function": "g"}, "says": "g runs",
     "says_missing": "another stackshot"}])"}});
  INFO(rules.problem_texts());
  REQUIRE(rules.set);
  Scene scene;
  scene.message("busy 3 of Example");
  const auto settle_says = [&] {
    std::vector<std::string> says;
    const auto findings = scene.ask(*rules.set);
    for (const Reason& reason : findings.at(0).settle) says.push_back(reason.says);
    return says;
  };
  CHECK(settle_says() == std::vector<std::string>{"a stackshot", "another stackshot"});
  scene.builder.begin_process({});
  Thread thread;
  thread.kernel_stack = scene.builder.add_frames({Frame{}});
  scene.builder.add_thread(std::move(thread));
  CHECK(settle_says() == std::vector<std::string>{
                             "symbols for Example",
                             "symbols for the threads of the stackshot would show whether g runs"});
}

TEST_CASE("none holds only when everything in it could be evaluated and does not hold") {
  LoadedRules rules(RuleTexts{{"a/none", R"("match": [{"message": "busy"},
      {"none": [{"message": "quiet"}, {"fact": "demo.fact", "where": {"level": 1}}]}], "base": 50)"}});
  const auto fires = [&](const std::string& text, bool with_fact) {
    Scene scene;
    scene.message(text);
    if (with_fact) scene.fact();
    return !scene.ask(*rules.set).empty();
  };
  CHECK(fires("busy", false));
  CHECK_FALSE(fires("busy quiet", false));
  CHECK_FALSE(fires("busy", true));  // the level is not known
}

TEST_CASE("a line of the explanation with a hole that has no value is left out") {
  LoadedRules rules(RuleTexts{{"a/busy", kBusy + R"(, "evidence": [
    {"points": 5, "fact": "demo.fact", "as": "f", "says": "level {f.level}"}],
    "explain": ["One.", "Level {f.level}.", "Three."], "fix": ["Do.", "Ask {f.name}."])"}});
  Scene scene;
  scene.message("busy 3 of Example");
  auto findings = scene.ask(*rules.set);
  CHECK(findings.at(0).summary == "One. Three.");
  CHECK(findings.at(0).fix == std::vector<std::string>{"Do."});
  scene.fact().set("level", Value::number(4));
  findings = scene.ask(*rules.set);
  CHECK(findings.at(0).summary == "One. Level 4. Three.");
  CHECK(findings.at(0).in_favour.at(0).says == "level 4");
}

TEST_CASE("the first variant that holds replaces the words it gives") {
  LoadedRules rules(RuleTexts{
      {"a/busy", kBusy + R"(, "title": "t", "severity": "high", "explain": ["Plain."], "variants": [
    {"when": [{"message": "of Nobody"}], "title": "never"},
    {"when": [{"message": "of Example"}], "title": "Special", "severity": "low", "explain": ["Busy {n}."]},
    {"when": [{"message": "busy"}], "title": "too late"}])"}});
  INFO(rules.problem_texts());
  Scene scene;
  scene.message("busy 3 of Example");
  const auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].title == "Special");
  CHECK(findings[0].severity == Severity::low);
  CHECK(findings[0].summary == "Busy 3.");
  CHECK(findings[0].fix == std::vector<std::string>{"change it"});
}

TEST_CASE("superseding goes through rules that are not there, and cycles hurt nobody") {
  const auto with = [](const std::string& extra, const std::string& text = "busy") {
    return R"("match": [{"message": ")" + text + R"("}], "base": 60)" + extra;
  };
  LoadedRules rules(RuleTexts{
      {"a/special", with(R"(, "supersedes": ["b/middle"])")},
      {"b/middle", with(R"(, "supersedes": ["c/general"])", "not here")},
      {"c/general", with("")},
      {"d/one", with(R"(, "supersedes": ["d/two"])")},
      {"d/two", with(R"(, "supersedes": ["d/one"])")},
  });
  Scene scene;
  scene.message("busy");
  const auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 4);
  CHECK(findings[0].rule == "a/special");
  CHECK(findings[0].supersedes == std::vector<std::string>{"c/general"});
  CHECK(findings[1].superseded_by.empty());
  CHECK(findings[2].superseded_by.empty());
  CHECK(findings[3].rule == "c/general");
  CHECK(findings[3].superseded_by == "a/special");
}

TEST_CASE("of several that explain a finding, the one that nothing explains is named") {
  const auto with = [](const std::string& extra) {
    return R"("match": [{"message": "busy"}], "base": 60)" + extra;
  };
  LoadedRules rules(RuleTexts{{"z/top", with(R"(, "supersedes": ["a/middle"])")},
                              {"a/middle", with(R"(, "supersedes": ["b/low"])")},
                              {"b/low", with("")}});
  Scene scene;
  scene.message("busy");
  const auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].rule == "z/top");
  CHECK(findings[1].superseded_by == "z/top");
  CHECK(findings[2].superseded_by == "z/top");
}

TEST_CASE("a fallback is possible at most, and silent when another rule fires") {
  LoadedRules rules(
      RuleTexts{{"a/busy", kBusy},
                {"z/unknown", R"("match": [{"regex": "."}], "base": 90, "fallback": true)"}});
  Scene unknown;
  unknown.message("something else");
  auto findings = unknown.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].is_fallback);
  CHECK(findings[0].certainty == Certainty::possible);
  Scene known;
  known.message("busy 3 of Example");
  findings = known.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "a/busy");
}

TEST_CASE("a fallback that another fallback explains is silent") {
  const auto with = [](const std::string& extra) {
    return R"("match": [{"message": "busy"}], "base": 40, "fallback": true)" + extra;
  };
  LoadedRules rules(
      RuleTexts{{"a/some", with(R"(, "supersedes": ["a/unknown"])")}, {"a/unknown", with("")}});
  Scene scene;
  scene.message("busy");
  const auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "a/some");
  CHECK(findings[0].supersedes.empty());
}

TEST_CASE("an empty rule set finds nothing") {
  Scene scene;
  scene.message("busy");
  CHECK(scene.ask(RuleSet()).empty());
}

TEST_CASE("findings are sorted by severity, then points, then id") {
  const auto with = [](const std::string& severity, int base) {
    return R"("match": [{"message": "busy"}], "severity": ")" + severity + R"(", "base": )" +
           std::to_string(base);
  };
  LoadedRules rules(RuleTexts{{"a/low", with("low", 90)},
                              {"b/high", with("high", 40)},
                              {"c/critical", with("critical", 40)},
                              {"d/critical", with("critical", 60)},
                              {"a/critical", with("critical", 40)}});
  Scene scene;
  scene.message("busy");
  std::string order;
  for (const Finding& finding : scene.ask(*rules.set)) order += finding.rule + " ";
  CHECK(order == "d/critical a/critical c/critical b/high a/low ");
}

TEST_CASE("a rule for another kind of report is not asked") {
  LoadedRules rules(RuleTexts{{"a/reset", R"("applies_to": ["forced_reset"],
      "match": [{"field": "reset_reason", "template": "^btn{k:line}"}], "base": 70)"}});
  Scene scene;
  scene.builder.add_field("reset_reason", "btn_rst");
  CHECK(scene.ask(*rules.set).empty());
  scene.builder.report().kind = ReportKind::forced_reset;
  const auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].matched[0].says == "the report says \"reset_reason: btn_rst\"");
}

TEST_CASE("captures of an earlier predicate bind later ones") {
  LoadedRules rules(RuleTexts{{"a/busy", R"("match": [{"message": "busy {svc:word}"},
      {"field": "line", "template": "owner of {svc} is {owner:word}"}], "base": 60)"}});
  INFO(rules.problem_texts());
  Scene scene;
  scene.message("busy Example");
  scene.builder.add_field("line", "owner of Another is nobody");
  CHECK(scene.ask(*rules.set).empty());
  scene.builder.add_field("line", "owner of Example is me");
  const auto findings = scene.ask(*rules.set);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].captures.back().second == Value::text("me"));
}

}  // namespace panicscan::rules
