// Replays files through a fuzz target where no fuzzer is installed.
//
// Each input is copied into an allocation of exactly its size, so that AddressSanitizer sees a
// read of one byte too many. Each is also given cut short at a few places: reports end anywhere.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fs = std::filesystem;

namespace {

void feed(const std::string& bytes) {
  const auto copy = std::make_unique<std::uint8_t[]>(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
  LLVMFuzzerTestOneInput(copy.get(), bytes.size());
}

std::size_t replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  feed(bytes);
  for (const std::size_t part : {7U, 5U, 3U, 2U})
    feed(bytes.substr(0, bytes.size() - bytes.size() / part));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    if (!fs::exists(argv[i])) continue;
    if (fs::is_regular_file(argv[i])) files += replay(argv[i]);
    if (!fs::is_directory(argv[i])) continue;
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(argv[i]))
      if (entry.is_regular_file()) found.push_back(entry.path());
    for (const fs::path& file : found) files += replay(file);
  }
  std::cout << "replayed " << files << " files\n";
  return files == 0 ? 1 : 0;
}
