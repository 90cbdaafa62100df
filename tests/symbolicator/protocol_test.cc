#include "symbolicator/protocol.h"

#include "catch.h"

namespace panicscan::symbols {
namespace {

Uuid uuid_of(std::uint8_t first) {
  Uuid uuid;
  uuid.bytes[0] = first;
  uuid.bytes[15] = 0x5a;
  return uuid;
}

MachImage kernel_image() {
  MachImage image;
  image.name = "com.apple.kernel";
  image.uuid = uuid_of(1);
  image.arch = "arm64e";
  image.file_type = 2;
  image.has_dwarf = true;
  image.segments = {{"__TEXT", {0xfffffe0007004000}, 0x4000, 1},
                    {"__TEXT_EXEC", {0xfffffe0007008000}, 0x8000, 5}};
  return image;
}

LookupReply lookup_reply() {
  LookupReply reply;
  for (const char* text : {"Ring::slot(unsigned int)", "_ZN4Ring4slotEj", "/src/ring.h", "start"})
    reply.strings.add(text);
  reply.frames = {{1, 2, 3, 14, 7, true, NameOrigin::dwarf, {0x1000}},
                  {4, 4, 3, 40, 3, false, NameOrigin::dwarf, {0x1000}},
                  {4, 4, 0, 0, 0, false, NameOrigin::symbol_table, {0x2000}}};
  reply.chain_end = {2, 2, 3};
  reply.notes = {"1 compile unit is damaged"};
  reply.cache = CacheUse::useless;
  return reply;
}

ConvertReply convert_reply() {
  return {.chunks = {"one", "two"},
          .ranges = {{{0x1000}, 16, 1}, {{0x1010}, 4, CodeRange::kAskDwarf}, {{0x2000}, 8, 0}},
          .next_unit = 3,
          .units = 5};
}

/// One message of each kind, with every field set.
std::vector<Message> every_message() {
  IdentifyReply identified;
  identified.slices = {{kernel_image(), {kernel_image(), kernel_image()}}, {}};
  return {
      Hello{1, 1u << 30, 5, 2},
      Ready{1, "19.1.7", true, true},
      IdentifyRequest{"/tmp/kernel.dSYM"},
      identified,
      LookupRequest{"/tmp/kernel.dSYM", uuid_of(7), true, true, {{1}, {5}, {~0ull}}, "/tmp/a.gsym"},
      lookup_reply(),
      Failure{FailureKind::wrong_uuid, "the file holds another UUID"},
      ConvertRequest{"/tmp/kernel.dSYM", uuid_of(7), 9},
      convert_reply(),
  };
}

Bytes encoded(const Message& message) {
  auto bytes = encode(message);
  REQUIRE(bytes.has_value());
  return *std::move(bytes);
}

/// The message of a payload, under a header that is right for it.
Expected<Message> decode_payload(const Message& kind, Bytes payload) {
  Bytes bytes(kHeaderSize);
  bytes[4] = static_cast<std::uint8_t>(kind.index());
  for (std::size_t i = 0; i < 4; ++i)
    bytes[i] = static_cast<std::uint8_t>(payload.size() >> (8 * i));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return decode(bytes);
}

}  // namespace

TEST_CASE("every message survives the wire") {
  for (const Message& message : every_message()) {
    const Bytes bytes = encoded(message);
    const auto again = decode(bytes);
    REQUIRE(again.has_value());
    CHECK(again->index() == message.index());
    CHECK(encoded(*again) == bytes);
  }
  const auto reply = std::get<LookupReply>(*decode(encoded(lookup_reply())));
  REQUIRE(reply.chain(0).size() == 2);
  CHECK(reply.text(reply.chain(0)[0].function) == "Ring::slot(unsigned int)");
  CHECK(reply.chain(0)[0].inlined);
  CHECK(reply.chain(1).empty());
  CHECK(reply.chain(2)[0].start == FileAddress{0x2000});
  CHECK(reply.chain(3).empty());
}

TEST_CASE("a message that is cut short anywhere is an error") {
  for (const Message& message : every_message()) {
    const Bytes bytes = encoded(message);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      CHECK_FALSE(decode(ByteView(bytes).first(length)).has_value());
      // Also when the header says the shorter length.
      if (length < kHeaderSize) continue;
      Bytes cut(bytes.begin() + kHeaderSize, bytes.begin() + static_cast<std::ptrdiff_t>(length));
      CHECK_FALSE(decode_payload(message, std::move(cut)).has_value());
    }
  }
}

TEST_CASE("a message with bytes left over is an error") {
  for (const Message& message : every_message()) {
    Bytes bytes = encoded(message);
    bytes.push_back(0);
    CHECK_FALSE(decode(bytes).has_value());
    CHECK_FALSE(
        decode_payload(message, Bytes(bytes.begin() + kHeaderSize, bytes.end())).has_value());
  }
}

TEST_CASE("a changed byte gives an error or a message that says exactly those bytes") {
  // A line number may turn into another one unnoticed; a length, a count, an index, an order or an
  // enumerator may not. What is accepted has one spelling, so nothing was skipped or made up.
  std::size_t refused = 0;
  for (const Message& message : every_message()) {
    const Bytes bytes = encoded(message);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        Bytes changed = bytes;
        changed[at] = static_cast<std::uint8_t>(value);
        const auto result = decode(changed);
        if (!result)
          ++refused;
        else if (encoded(*result) != changed)
          FAIL("byte " << at << " of message " << message.index() << " as " << value);
      }
    }
  }
  CHECK(refused > 10000);
}

TEST_CASE("a header is refused when its length, kind or zero is wrong") {
  const Bytes good = encoded(IdentifyRequest{"/a"});
  CHECK(*decode_header(good) == good.size() - kHeaderSize);
  Bytes longer = good;
  longer[3] = 0x10;
  CHECK(decode_header(longer).error().code == ErrorCode::limit);
  Bytes unknown = good;
  unknown[4] = 99;
  CHECK_FALSE(decode_header(unknown).has_value());
  Bytes high_kind = good;
  high_kind[5] = 1;
  CHECK_FALSE(decode_header(high_kind).has_value());
  Bytes nonzero = good;
  nonzero[6] = 1;
  CHECK_FALSE(decode_header(nonzero).has_value());
}

TEST_CASE("a count larger than the message is refused before memory is asked for") {
  WireWriter out;
  out.u32(0xffffffff);
  CHECK_FALSE(decode_payload(IdentifyReply{}, out.take()).has_value());
  WireWriter strings;
  strings.u32(0x7fffffff);
  strings.u32(0);
  CHECK_FALSE(decode_payload(LookupReply{}, strings.take()).has_value());
}

TEST_CASE("addresses of a request must ascend and its path must be one") {
  CHECK_FALSE(decode(encoded(LookupRequest{"/a", {}, false, false, {{2}, {1}}, {}})).has_value());
  CHECK_FALSE(decode(encoded(LookupRequest{"/a", {}, false, false, {{2}, {2}}, {}})).has_value());
  CHECK_FALSE(decode(encoded(LookupRequest{"", {}, false, false, {}, {}})).has_value());
  CHECK_FALSE(decode(encoded(IdentifyRequest{std::string("/a\0b", 4)})).has_value());
}

TEST_CASE("a reply whose indices leave its tables is refused") {
  LookupReply no_text = lookup_reply();
  no_text.frames[0].file = 5;
  CHECK_FALSE(decode(encoded(no_text)).has_value());
  LookupReply descending = lookup_reply();
  descending.chain_end = {2, 1, 3};
  CHECK_FALSE(decode(encoded(descending)).has_value());
  LookupReply lost_frame = lookup_reply();
  lost_frame.chain_end = {2, 2, 2};
  CHECK_FALSE(decode(encoded(lost_frame)).has_value());
  // Text 0 is the empty one: of length 0, behind the header and the number of texts.
  Bytes nothing = encoded(LookupReply());
  REQUIRE(decode(nothing).has_value());
  constexpr std::size_t kLength = kHeaderSize + 4;
  REQUIRE((nothing[0] < 0xff && nothing[kLength] == 0));
  ++nothing[0];
  ++nothing[kLength];
  nothing.insert(nothing.begin() + kLength + 4, 'x');
  CHECK_FALSE(decode(nothing).has_value());
}

TEST_CASE("ranges of code ascend, are not empty and name a piece that is there") {
  const CodeRange good{{0x1000}, 16, 0};
  for (const CodeRange& bad : {CodeRange{{0x100f}, 1, 0}, CodeRange{{0x2000}, 0, 0},
                               CodeRange{{0x2000}, 1, 1}, CodeRange{{0x2000}, ~0ull, 0}}) {
    const ConvertReply reply{.chunks = {"one"}, .ranges = {good, bad}, .next_unit = 0, .units = 0};
    CHECK_FALSE(decode(encoded(reply)).has_value());
  }
  const ConvertReply reply{
      .chunks = {"one"}, .ranges = {good, {{0x1010}, 1, 0}}, .next_unit = 0, .units = 0};
  CHECK(decode(encoded(reply)).has_value());
}

TEST_CASE("a message beyond its limit is not encoded") {
  CHECK(encode(IdentifyRequest{std::string(kMaxText + 1, 'a')}).error().code == ErrorCode::limit);
  CHECK(encode(Failure{FailureKind::limit, std::string(kMaxText + 100, 'a')}).has_value());
}

}  // namespace panicscan::symbols
