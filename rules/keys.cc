#include "rules/keys.h"

#include <array>

namespace panicscan::rules {
namespace {

using enum Shape;
using Words = std::string_view;

constexpr std::array<Words, 3> kStatuses{"experimental", "stable", "deprecated"};
constexpr std::array<Words, 5> kSeverities{"critical", "high", "medium", "low", "info"};
constexpr std::array<Words, 7> kReportKinds{"kernel_panic", "stackshot",   "forced_reset", "crash",
                                            "log",          "device_tree", "other"};
constexpr std::array<Words, 3> kCertainties{"confirmed", "likely", "possible"};
constexpr std::array<Words, 6> kScopes{"panicked_thread", "any_backtrace", "any_thread",
                                       "allocation",      "freed",         "nested"};
constexpr std::array<Words, 2> kVendors{"apple", "third_party"};
constexpr std::array<Words, 10> kImageKinds{
    "process",     "shared_cache", "cached_library", "kernel", "kernel_text_exec",
    "kernelcache", "kext",         "absolute",       "jit",    "other"};
constexpr std::array<Words, 5> kKextLists{"in_backtrace", "dependency", "loaded", "last_started",
                                          "last_stopped"};
constexpr std::array<Words, 23> kWaitKinds{"kernel_mutex",
                                           "port_receive",
                                           "port_set_receive",
                                           "port_send",
                                           "port_send_in_transit",
                                           "semaphore",
                                           "rwlock_read",
                                           "rwlock_write",
                                           "rwlock_upgrade",
                                           "user_lock",
                                           "pthread_mutex",
                                           "pthread_rwlock_read",
                                           "pthread_rwlock_write",
                                           "pthread_condvar",
                                           "workloop",
                                           "wait_for_process",
                                           "inheritor",
                                           "eventlink",
                                           "compressor",
                                           "vm",
                                           "exclave",
                                           "turnstile",
                                           "other"};
constexpr std::array<Words, 3> kOwners{"nobody", "thread", "process"};
constexpr std::array<Words, 5> kCompanions{"log", "ioreg", "dext_crash", "sysdiagnose", "source"};
constexpr std::array<Words, 2> kArchs{"arm64", "x86_64"};

// ---- predicates -----------------------------------------------------------------------------

constexpr Key kTemplate{"template", line, false, "what has to stand there, with typed holes"};
constexpr Key kRegex{"regex", line, false, "the same as an RE2 expression"};
constexpr Key kCaptures{"captures", text_map, false, "capture types of the expression's groups"};
constexpr Key kFirstLine{"first_line", boolean, false, "look at the first line only"};
constexpr Key kAs{"as", line, false, "the name of what was found, for holes {name.part}"};

constexpr std::array kMessageBeside{kFirstLine};
constexpr std::array kRegexBeside{kCaptures, kFirstLine};
constexpr std::array kFieldBeside{kTemplate, kRegex, kCaptures};
constexpr std::array kFactBeside{Key{"where", conditions, false, "fields and what they have to be"},
                                 kAs};
constexpr std::array kAsBeside{kAs};
constexpr std::array kStackBeside{Key{"in", choice, false, "which stacks", kScopes}};

constexpr std::array kFrameKeys{
    Key{"in", choice, false, "which stacks", kScopes},
    Key{"top", integer, false, "only that many innermost frames", {}, nullptr, 1, 10'000},
    Key{"function", line, false, "name pattern of the function"},
    Key{"image", line, false, "name pattern of the image"},
    Key{"vendor", choice, false, "whose code it is", kVendors},
};
constexpr KeyTable kFrameTable{"frame", kFrameKeys};

constexpr std::array kImageKeys{
    Key{"name", line, false, "pattern of the name, or of the last part of its path"},
    Key{"bundle", line, false, "pattern of the whole name"},
    Key{"kind", choice, false, "kind of image", kImageKinds},
    Key{"uuid", line, false, "its UUID"},
};
constexpr KeyTable kImageTable{"image", kImageKeys};

constexpr std::array kKextKeys{
    Key{"list", choice, false, "which list of the panic text", kKextLists},
    Key{"vendor", choice, false, "whose kext it is", kVendors},
    Key{"bundle", line, false, "name pattern of the bundle id"},
};
constexpr KeyTable kKextTable{"kext", kKextKeys};

constexpr std::array kThreadKeys{
    Key{"state", line, false, "one of its state words"},
    Key{"wait", choice, false, "what it waits for", kWaitKinds},
    Key{"owner", choice, false, "who holds that", kOwners},
    Key{"name", line, false, "name pattern of the thread"},
    Key{"queue", line, false, "name pattern of its dispatch queue"},
    Key{"process", line, false, "name pattern of its process"},
};
constexpr KeyTable kThreadTable{"thread", kThreadKeys};

constexpr std::array kPredicates{
    PredicateKeys{{"message", line, true, "a line of the panic message fits the template"},
                  kMessageBeside},
    PredicateKeys{{"regex", line, true, "a line of the panic message fits the RE2 expression"},
                  kRegexBeside},
    PredicateKeys{{"field", line, true, "the report has a field of that name, and its value fits"},
                  kFieldBeside},
    PredicateKeys{{"fact", line, true, "a fact of that name compares as `where` says"},
                  kFactBeside},
    PredicateKeys{{"frame", object, true, "a frame fits", {}, &kFrameTable}, kAsBeside},
    PredicateKeys{{"stack", lines, true,
                   "these functions stand in one stack, innermost first; \"...\" is a gap"},
                  kStackBeside},
    PredicateKeys{{"image", object, true, "an image of the report fits", {}, &kImageTable},
                  kAsBeside},
    PredicateKeys{{"kext", object, true, "a kext line fits", {}, &kKextTable}, kAsBeside},
    PredicateKeys{{"thread", object, true, "a thread of the stackshot fits", {}, &kThreadTable},
                  kAsBeside},
    PredicateKeys{{"companion", choice, true, "a joined file says so", kCompanions}, kFieldBeside},
    PredicateKeys{{"any", predicates, true, "one holds; the first that holds decides"}, {}},
    PredicateKeys{{"all", predicates, true, "all hold"}, {}},
    PredicateKeys{{"none", predicates, true, "none holds, and all could be evaluated"}, {}},
};

constexpr std::array kMatchKeys{
    Key{"says", line, false, "the sentence shown when it holds"},
};
constexpr std::array kAlternativeKeys{
    Key{"says", line, false, "the sentence shown when it holds"},
    Key{"base", integer, false, "points when this alternative decides", {}, nullptr, 0, 99},
};
constexpr std::array kEvidenceKeys{
    Key{"points", integer, true, "added when it holds; negative = against", {}, nullptr, -99, 99},
    Key{"says", line, true, "the sentence shown when it holds"},
    Key{"says_missing", line, false, "the sentence shown when it cannot be evaluated"},
    Key{"says_nameless", line, false,
        "the sentence shown when only names for the stackshot's threads are missing"},
};

constexpr std::array kComparisonKeys{
    Key{"gt", constant, false, "greater than"},
    Key{"ge", constant, false, "greater than or equal to"},
    Key{"lt", constant, false, "less than"},
    Key{"le", constant, false, "less than or equal to"},
    Key{"in", constants, false, "equal to one of the list"},
    Key{"contains", line, false, "the text contains it; the list has that element"},
    Key{"matches", line, false, "the RE2 expression is found in it"},
    Key{"exists", boolean, false, "whether the value is known"},
};

// ---- parts of a rule --------------------------------------------------------------------------

constexpr std::array kCauseKeys{
    Key{"text", line, true, "the cause, in a sentence"},
    Key{"likelihood", line, false, "a few words: most likely, possible"},
    Key{"distinguish", line, false, "what tells it from the other causes"},
    Key{"fix", lines, false, "what to do when it is this"},
};
constexpr KeyTable kCauseTable{"cause", kCauseKeys};

constexpr std::array kVariantKeys{
    Key{"when", predicates, true, "all have to hold"},
    Key{"title", line, false, "replaces the title"},
    Key{"severity", choice, false, "replaces the severity", kSeverities},
    Key{"explain", lines, false, "replaces the explanation"},
    Key{"causes", objects, false, "replaces the causes", {}, &kCauseTable},
    Key{"fix", lines, false, "replaces the fix"},
};
constexpr KeyTable kVariantTable{"variant", kVariantKeys};

constexpr std::array kExampleImageKeys{
    Key{"name", line, true, "its name or bundle id"},
    Key{"kind", choice, false, "kind of image; kext when not given", kImageKinds},
    Key{"uuid", line, false, "its UUID"},
};
constexpr KeyTable kExampleImageTable{"image of an example", kExampleImageKeys};
constexpr std::array kExampleKextKeys{
    Key{"bundle", line, true, "bundle id"},
    Key{"list", choice, false, "which list; in_backtrace when not given", kKextLists},
    Key{"version", line, false, "version"},
};
constexpr KeyTable kExampleKextTable{"kext of an example", kExampleKextKeys};
constexpr std::array kExampleDextKeys{
    Key{"bundle", line, true, "bundle id"},
    Key{"path", line, false, "path of the executable"},
    Key{"state", line, false, "state word of the line"},
};
constexpr KeyTable kExampleDextTable{"dext of an example", kExampleDextKeys};

constexpr std::array kExampleThreadKeys{
    Key{"id", integer, true, "thread id", {}, nullptr, 0, 1'000'000'000},
    Key{"name", line, false, "its name"},
    Key{"process", line, false, "name of its process"},
    Key{"pid", integer, false, "process id", {}, nullptr, 0, 1'000'000},
    Key{"queue", line, false, "label of the dispatch queue that it serves"},
    Key{"state", lines, false, "state words; TH_WAIT when not given"},
    Key{"kernel", lines, false, "functions of its kernel stack, innermost first"},
    Key{"user", lines, false, "functions of its user stack, innermost first"},
};
constexpr KeyTable kExampleThreadTable{"thread of an example", kExampleThreadKeys};

constexpr std::array kExampleKeys{
    Key{"name", line, true, "unique within the rule"},
    Key{"message", line_or_lines, false, "the clean panic message"},
    Key{"source", line, false, "file and line behind the message: IOServicePM.cpp:5529"},
    Key{"panic_text", line_or_lines, false,
        "a whole panic text, log or ioreg dump, read by the parser"},
    Key{"sample", line, false, "a file below samples/"},
    Key{"joined", line_or_lines, false,
        "the whole text of another file of the incident, read by the parser"},
    Key{"kind", choice, false, "kind of report; kernel_panic when not given", kReportKinds},
    Key{"arch", choice, false, "architecture", kArchs},
    Key{"process", line, false, "name of the panicked process"},
    Key{"fields", lines_map, false, "fields of the report"},
    Key{"stacks", lines_map, false,
        "functions by thread, innermost first; \"panicked\" is the one"},
    Key{"threads", objects, false, "threads of the stackshot", {}, &kExampleThreadTable},
    Key{"waits", lines, false, "lines of waitInfo"},
    Key{"images", objects, false, "images of the report", {}, &kExampleImageTable},
    Key{"kexts", objects, false, "kext lines", {}, &kExampleKextTable},
    Key{"dexts", objects, false, "driver extension lines", {}, &kExampleDextTable},
    Key{"expect", value_map, false, "captures that must have these values"},
    Key{"certainty", choice, false, "how sure the finding has to be", kCertainties},
    Key{"superseded_by", line, false, "the rule that explains this example better"},
};
constexpr KeyTable kExampleTable{"example", kExampleKeys};
constexpr std::array kExamplesKeys{
    Key{"match", objects, true, "reports on which the rule fires", {}, &kExampleTable},
    Key{"no_match", objects, true, "reports on which it does not", {}, &kExampleTable},
};
constexpr KeyTable kExamplesTable{"examples", kExamplesKeys};

constexpr std::array kRuleKeys{
    Key{"panicscan_rule", integer, true, "version of the rule language: 1", {}, nullptr, 1, 1},
    Key{"id", line, true, "the path below the rule folder, without .json"},
    Key{"title", line, true, "one line, unique"},
    Key{"status", choice, false, "how far it can be trusted; experimental when not given",
        kStatuses},
    Key{"severity", choice, true, "how bad it is", kSeverities},
    Key{"applies_to", choices, false, "kinds of report; kernel_panic when not given", kReportKinds},
    Key{"match", predicates, true, "all have to hold"},
    Key{"base", integer, false, "points when match holds", {}, nullptr, 0, 99},
    Key{"evidence", predicates, false, "predicates that add or remove points"},
    Key{"explain", lines, true, "what happened: sentences with holes"},
    Key{"causes", objects, false, "ranked, the likeliest first", {}, &kCauseTable},
    Key{"fix", lines, false, "what helps whatever the cause"},
    Key{"variants",
        objects,
        false,
        "other words for special cases; the first that holds counts",
        {},
        &kVariantTable},
    Key{"supersedes", lines, false, "ids of more general rules that this one explains"},
    Key{"fallback", boolean, false, "shown only when no other rule fires"},
    Key{"false_positives", lines, false, "situations that look the same and are not"},
    Key{"references", lines, true, "where the knowledge comes from"},
    Key{"formerly", lines, false, "earlier ids"},
    Key{"examples", object, true, "reports in miniature", {}, &kExamplesTable},
};
constexpr KeyTable kRuleTable{"rule", kRuleKeys};
constexpr KeyTable kComparisonTable{"comparison", kComparisonKeys};

}  // namespace

const KeyTable& rule_keys() { return kRuleTable; }
std::span<const PredicateKeys> predicate_keys() { return kPredicates; }
std::span<const Key> match_keys() { return kMatchKeys; }
std::span<const Key> alternative_keys() { return kAlternativeKeys; }
std::span<const Key> evidence_keys() { return kEvidenceKeys; }
const KeyTable& comparison_keys() { return kComparisonTable; }

}  // namespace panicscan::rules
