#include <csignal>
#include <exception>
#include <iostream>
#include <new>

#include "app/cli.h"
#include "app/exit_code.h"
#include "base/heap.h"

int main(int argc, char** argv) {
  // A reader that goes away (`| head`) is noticed when writing, not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  panicscan::prepare_heap();
  std::ios::sync_with_stdio(false);
  try {
    return panicscan::app::run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::cerr << "panicscan: out of memory\n";
  } catch (const std::exception& error) {
    std::cerr << "panicscan: internal error: " << error.what() << '\n';
  }
  return static_cast<int>(panicscan::app::ExitCode::internal);
}
