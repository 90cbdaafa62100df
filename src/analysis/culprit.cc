#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kCulprit{"culprit", {}, run};

}  // namespace panicscan::analysis
