#include "parsers/binary_plist.h"

#include "parsers/kcdata_writer.h"
#include "parsers/plist.h"
#include "parsers/report_reading.h"

using namespace panicscan;
using namespace panicscan::parsers;

namespace {

/// Writes property lists in binary: objects refer to one another by number, one byte each.
class BinaryPlist {
 public:
  /// Adds an object as it is; returns its number.
  char raw(std::string bytes) {
    objects_.push_back(std::move(bytes));
    return static_cast<char>(objects_.size() - 1);
  }
  char text(const std::string& text) { return raw(header(0x50, text.size()) + text); }
  char data(const std::string& bytes) { return raw(header(0x40, bytes.size()) + bytes); }
  char number(std::uint8_t value) { return raw({'\x10', static_cast<char>(value)}); }
  char array(const std::string& references) {
    return raw(header(0xa0, references.size()) + references);
  }
  char dict(const std::string& keys, const std::string& values) {
    return raw(header(0xd0, keys.size()) + keys + values);
  }

  std::string take(char top) const {
    std::string bytes = "bplist00", table;
    for (const std::string& object : objects_) {
      table += static_cast<char>(bytes.size() >> 8);
      table += static_cast<char>(bytes.size());
      bytes += object;
    }
    const std::size_t at = bytes.size();
    bytes += table + std::string(6, '\0') + "\x02\x01";
    for (const std::size_t number : {objects_.size(), std::size_t(top), at})
      for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    return bytes;
  }

 private:
  static std::string header(unsigned type, std::size_t size) {
    if (size < 15) return {static_cast<char>(type | size)};
    return {static_cast<char>(type | 15), '\x11', static_cast<char>(size >> 8),
            static_cast<char>(size)};
  }
  std::vector<std::string> objects_;
};

std::string xml_of(const std::string& bytes, const Limits& limits = {}) {
  const auto xml = binary_plist_as_xml(bytes, limits);
  if (!xml) return "(" + xml.error().message + ")";
  std::string text = xml->bytes + (xml->cut.empty() ? "" : "(" + xml->cut + ")");
  text.erase(0, text.find("<plist"));
  std::erase(text, '\n');
  return text;
}

std::string registry() {
  BinaryPlist plist;
  const char driver = plist.dict(
      {plist.text("IOObjectClass"), plist.text("IORegistryEntryName"), plist.text("IOUserClass")},
      {plist.text("IOUserService"), plist.text("ExampleNIC"), plist.text("ExampleNIC")});
  const char root =
      plist.dict({plist.text("IOObjectClass"), plist.text("IORegistryEntryName"),
                  plist.text("IORegistryEntryChildren")},
                 {plist.text("IORegistryEntry"), plist.text("Root"), plist.array({driver})});
  return plist.take(root);
}

}  // namespace

TEST_CASE("every kind of value of a binary property list is written as XML") {
  BinaryPlist plist;
  const std::string values{plist.text("a<b&c"),
                           plist.raw(std::string("\x62\x00\xe9\xd8\x3d", 5) + "\xde\x00"),
                           plist.number(200),
                           plist.raw("\x13" + std::string(8, '\xff')),
                           plist.raw(std::string("\x23\x3f\xf8", 3) + std::string(6, '\0')),
                           plist.raw("\x09"),
                           plist.raw("\x08"),
                           plist.data("Man!"),
                           plist.text("\x01")};
  CHECK(xml_of(plist.take(plist.array(values))) ==
        "<plist version=\"1.0\"><array><string>a&lt;b&amp;c</string><string>\xC3\xA9\xEF\xBF\xBD"
        "</string><integer>200</integer><integer>-1</integer><real>1.5</real><true/><false/>"
        "<data>TWFuIQ==</data><string>\xEF\xBF\xBD</string></array></plist>");
}

TEST_CASE("the registry archived as a binary property list is a device tree") {
  const Report report = read_file(registry());
  CHECK(report.format == "ioreg");
  REQUIRE(report.devices.nodes.size() == 2);
  CHECK(report.devices.nodes[1].name == "ExampleNIC");
  REQUIRE(report.devices.nodes[1].find("IOUserClass"));
  CHECK(*report.devices.nodes[1].find("IOUserClass") == "\"ExampleNIC\"");
}

TEST_CASE("a stackshot wrapped in a binary property list is read") {
  testing::KcdataWriter writer(0x59a25807);
  writer.begin(0x903, 7).item(0x30, std::string("example")).end(7);
  BinaryPlist plist;
  const char top = plist.dict({plist.text("stackshot")}, {plist.data(writer.take())});
  const Report report = read_file(plist.take(top));
  CHECK(report.format == "kcdata-stackshot");
  CHECK(report.processes.size() == 1);
}

TEST_CASE("a binary property list that holds itself, or much of the same, ends at the limits") {
  BinaryPlist self;
  self.raw(std::string("\xa2\x00\x00", 3));
  CHECK_THAT(xml_of(self.take(0)), Catch::Contains("nested more than the limit of 256"));
  // Each array holds the next one ten times over: 10^12 values in 200 bytes.
  BinaryPlist bomb;
  for (char next = 1; next <= 12; ++next) bomb.array(std::string(10, next));
  bomb.number(1);
  CHECK_THAT(xml_of(bomb.take(0)), Catch::Contains("more than the limit of 200 (--limit-unpack"));
  Limits limits;
  limits.json_nodes = 100;
  CHECK_THAT(xml_of(bomb.take(0), limits), Catch::Contains("more than the limit of 100"));
  // An array that claims 10^9 elements is damaged, and nothing is allocated for it.
  BinaryPlist liar;
  liar.raw(std::string("\xaf\x12\x3b\x9a\xca\x00", 6));
  CHECK_THAT(xml_of(liar.take(0)), Catch::Contains("refers to an object that is damaged"));
}

TEST_CASE("a binary property list cut or changed anywhere is read or refused, never crashes") {
  const std::string whole = registry();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto report = parse(source_from_text("cut", whole.substr(0, size)));
    if (report) CHECK(validate(*report).empty());
    for (const int flip : {0xff, 0x01, 0x80, 0x0f}) {
      std::string changed = whole;
      changed[size] = static_cast<char>(changed[size] ^ flip);
      const auto read = parse(source_from_text("changed", std::move(changed)));
      if (read) CHECK(validate(*read).empty());
    }
  }
  CHECK(xml_of("bplist00") == "(a binary property list without its trailer)");
}
