// "findings", "culprit" and "facts": what follows from the report, and why.

#include "model/names.h"
#include "render/json_parts.h"

namespace panicscan::render {
namespace {

void put_reasons(const JsonStory& story, std::string_view name,
                 const std::vector<Reason>& reasons) {
  if (reasons.empty()) return;
  JsonWriter& json = story.json;
  json.key(name).begin_array();
  for (const Reason& reason : reasons) {
    json.begin_object().member("says", reason.says);
    if (reason.points != 0) json.member("points", reason.points);
    put_where(story, reason.where, reason.companion);
    json.end_object();
  }
  json.end_array();
}

void put_causes(JsonWriter& json, const std::vector<Cause>& causes) {
  if (causes.empty()) return;
  json.key("causes").begin_array();
  for (const Cause& cause : causes) {
    json.begin_object().member("text", cause.text);
    put_text(json, "likelihood", cause.likelihood);
    put_text(json, "distinguish", cause.distinguish);
    put_list(json, "fix", cause.fix);
    json.end_object();
  }
  json.end_array();
}

void put_finding(const JsonStory& story, const Finding& finding) {
  JsonWriter& json = story.json;
  json.begin_object();
  json.member("rule", finding.rule).member("title", finding.title);
  json.member("severity", to_string(finding.severity));
  json.member("certainty", to_string(finding.certainty)).member("points", finding.points);
  put_text(json, "status", finding.status);
  if (finding.is_fallback) json.member("fallback", true);
  put_text(json, "summary", finding.summary);
  put_causes(json, finding.causes);
  put_list(json, "fix", finding.fix);
  put_reasons(story, "matched", finding.matched);
  put_reasons(story, "for", finding.in_favour);
  put_reasons(story, "against", finding.against);
  put_reasons(story, "settle", finding.settle);
  put_list(json, "references", finding.references);
  put_list(json, "supersedes", finding.supersedes);
  put_text(json, "superseded_by", finding.superseded_by);
  if (!finding.captures.empty()) {
    json.key("fields").begin_object();
    for (const auto& [name, value] : finding.captures) put_value(json.key(name), value);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

void put_findings(const JsonStory& story) {
  story.json.key("findings").begin_array();
  for (const Finding& finding : story.subject.findings) put_finding(story, finding);
  story.json.end_array();
}

void put_culprit(const JsonStory& story) {
  const Culprit& culprit = story.subject.facts.culprit;
  JsonWriter& json = story.json;
  json.key("culprit").begin_object();
  json.member("verdict", to_string(culprit.verdict));
  put_text(json, "image", culprit.image);
  put_text(json, "bundle", culprit.bundle);
  put_text(json, "version", culprit.version);
  put_text(json, "team", culprit.team);
  put_text(json, "messenger", culprit.messenger);
  if (culprit.thread) json.member("thread", culprit.thread->value);
  if (culprit.frame && culprit.frame->value < story.report().frames.size()) {
    json.key("frame");
    put_frame(story, culprit.frame->value);
  }
  put_evidence(story, culprit.because);
  json.end_object();
}

void put_facts(const JsonStory& story) {
  JsonWriter& json = story.json;
  if (story.subject.facts.all.empty()) return;
  json.key("facts").begin_array();
  for (const Fact& fact : story.subject.facts.all) {
    json.begin_object();
    json.member("name", fact.schema->name).member("origin", to_string(fact.origin));
    json.key("values").begin_object();
    for (std::size_t i = 0; i < fact.values.size(); ++i)
      if (fact.values[i]) put_value(json.key(fact.schema->fields[i].name), *fact.values[i]);
    json.end_object();
    put_evidence(story, fact.because, fact.companion);
    json.end_object();
  }
  json.end_array();
}

}  // namespace panicscan::render
