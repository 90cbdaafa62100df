#include "symbolicator/uuid_index.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "symbolicator/wire.h"

namespace panicscan::symbols {
namespace {

/// "PSUI": the file is ours. The version changes with the table or with what is read of a file.
constexpr int kApplication = 0x50535549;
constexpr int kVersion = 1;
constexpr int kBusyMilliseconds = 3000;
constexpr int kRemovalAttempts = 50;
constexpr unsigned kRemovalPause = 10'000;  ///< microseconds
/// Above this many rows, those that the current run has no use for are not worth their keep.
constexpr std::int64_t kMostRows = 300'000;
constexpr std::size_t kMostText = 64u << 10;

constexpr const char* kCreate =
    "PRAGMA application_id = 1347638601;"
    "PRAGMA user_version = 1;"
    "CREATE TABLE files(path BLOB PRIMARY KEY, size INTEGER, mtime INTEGER, inode INTEGER,"
    " headers BLOB, checksum INTEGER) WITHOUT ROWID;";
static_assert(kApplication == 1347638601 && kVersion == 1);

// --- rows ---------------------------------------------------------------------------------------

Bytes encode_headers(const IndexedFile& file) {
  WireWriter out;
  out.text(file.bundle_id);
  out.text(file.headers.problem);
  out.count(file.headers.images.size());
  for (const MachoHeader& image : file.headers.images) {
    out.text(image.name);
    out.uuid(image.uuid);
    out.text(image.arch);
    out.u32(image.file_type);
    out.boolean(image.has_dwarf);
    out.boolean(image.has_symbols);
  }
  return out.take();
}

bool decode_headers(ByteView bytes, IndexedFile& file) {
  WireReader in(bytes);
  file.bundle_id = in.text(kMostText);
  file.headers.problem = in.text(kMostText);
  const std::uint32_t count = in.count(30);
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    MachoHeader image;
    image.name = in.text(kMostText);
    image.uuid = in.uuid();
    image.arch = in.text(kMostText);
    image.file_type = in.u32();
    image.has_dwarf = in.boolean();
    image.has_symbols = in.boolean();
    file.headers.images.push_back(std::move(image));
  }
  return in.finished();
}

/// FNV-1a over everything a row says: enough against damage, which is no attack.
class Checksum {
 public:
  Checksum& add(ByteView bytes) {
    for (const std::uint8_t byte : bytes) value_ = (value_ ^ byte) * 0x100000001b3;
    return *this;
  }
  Checksum& add(std::uint64_t number) {
    std::uint8_t bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return add(bytes);
  }
  std::int64_t value() const { return static_cast<std::int64_t>(value_); }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

ByteView view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::int64_t checksum(std::string_view path, const FileStamp& stamp, ByteView headers) {
  return Checksum()
      .add(path.size())
      .add(view(path))
      .add(stamp.size)
      .add(static_cast<std::uint64_t>(stamp.mtime))
      .add(stamp.inode)
      .add(headers)
      .value();
}

// --- SQLite -------------------------------------------------------------------------------------

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// One statement; the first result that is neither a row nor the end is kept.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_stmt* made = nullptr;
    result_ = sqlite3_prepare_v2(database, sql, -1, &made, nullptr);
    statement_.reset(made);
  }
  Statement& bind(int at, ByteView bytes) {
    // A null pointer would bind NULL.
    return note(bytes.empty()
                    ? sqlite3_bind_zeroblob(get(), at, 0)
                    : sqlite3_bind_blob64(get(), at, bytes.data(), bytes.size(), SQLITE_TRANSIENT));
  }
  Statement& bind(int at, std::int64_t number) {
    return note(sqlite3_bind_int64(get(), at, number));
  }
  /// Whether there is a row to look at.
  bool step() {
    if (result_ != SQLITE_OK) return false;
    const int result = sqlite3_step(get());
    if (result == SQLITE_ROW) return true;
    if (result != SQLITE_DONE) result_ = result;
    return false;
  }
  /// Makes ready for other values.
  void again() { sqlite3_reset(get()); }
  ByteView bytes(int column) const {
    const void* data = sqlite3_column_blob(get(), column);
    return {static_cast<const std::uint8_t*>(data),
            data == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
  }
  std::int64_t number(int column) const { return sqlite3_column_int64(get(), column); }
  int result() const { return result_; }

 private:
  sqlite3_stmt* get() const { return statement_.get(); }
  Statement& note(int result) {
    if (result_ == SQLITE_OK) result_ = result;
    return *this;
  }

  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
  int result_ = SQLITE_OK;
};

int execute(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
}

std::int64_t number_of(sqlite3* database, const char* sql) {
  Statement statement(database, sql);
  return statement.step() ? statement.number(0) : -1;
}

/// Whether a result means that the file is damaged or is no database.
bool is_damage(int result) {
  const int primary = result & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_FORMAT ||
         primary == SQLITE_SCHEMA || primary == SQLITE_ERROR;
}

// --- the file -----------------------------------------------------------------------------------

/// While the index is in use, nobody may remove it: SQLite would apply the journal of the old file
/// to the new one. Users hold the lock together, whoever removes a damaged index holds it alone.
/// Where there are no locks (some network file systems), we go on without.
class UseLock {
 public:
  UseLock(const std::string& folder, int operation) {
    const std::string path = folder + "/uuid-index.lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ >= 0) held_ = ::flock(file_, operation) == 0 || errno != EWOULDBLOCK;
  }
  ~UseLock() {
    if (file_ >= 0) ::close(file_);
  }
  UseLock(const UseLock&) = delete;
  UseLock& operator=(const UseLock&) = delete;
  bool held() const { return held_; }

 private:
  int file_ = -1;
  bool held_ = true;
};

/// Removes a damaged or foreign index, unless others use it all the time.
void discard(const std::string& folder, const std::string& path) {
  std::optional<UseLock> alone;
  for (int attempt = 0; attempt < kRemovalAttempts; ++attempt) {
    alone.emplace(folder, LOCK_EX | LOCK_NB);
    if (alone->held()) break;
    ::usleep(kRemovalPause);
  }
  if (!alone->held()) return;
  ::unlink(path.c_str());
  ::unlink((path + "-journal").c_str());
  ::unlink((path + "-wal").c_str());
  ::unlink((path + "-shm").c_str());
}

/// An open index; `database` is null when there is none, or none that can be used.
struct Opened {
  Database database;
  int result = SQLITE_OK;
};

Opened open_index(const std::string& path, int flags) {
  sqlite3* made = nullptr;
  Opened opened;
  opened.result = sqlite3_open_v2(path.c_str(), &made, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  opened.database.reset(made);
  if (opened.result != SQLITE_OK) return opened;
  sqlite3_busy_timeout(made, kBusyMilliseconds);
  sqlite3_db_config(made, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(made, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  opened.result = execute(made, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;");
  return opened;
}

bool is_ours(sqlite3* database) {
  return number_of(database, "PRAGMA application_id") == kApplication &&
         number_of(database, "PRAGMA user_version") == kVersion;
}

Error unusable(const std::string& path, int result) {
  return {ErrorCode::unreadable, path + ": " + sqlite3_errstr(result), {}};
}

/// Adds the rows of a query; false when they are not in order, which SQLite never gives.
bool add_rows(Statement& query, IndexedFiles& files) {
  std::string last;
  while (query.step()) {
    const ByteView name = query.bytes(0);
    std::string path(name.begin(), name.end());
    if (path <= last) return false;
    last = path;
    IndexedFile file;
    file.stamp = {.size = static_cast<std::uint64_t>(query.number(1)),
                  .mtime = query.number(2),
                  .inode = static_cast<std::uint64_t>(query.number(3))};
    const ByteView headers = query.bytes(4);
    if (query.number(5) == checksum(path, file.stamp, headers) && decode_headers(headers, file))
      files.insert_or_assign(std::move(path), std::move(file));
  }
  return true;
}

constexpr const char* kInFolder =
    "SELECT path, size, mtime, inode, headers, checksum FROM files"
    " WHERE path >= ?1 AND path < ?2 ORDER BY path";
constexpr const char* kOfPath =
    "SELECT path, size, mtime, inode, headers, checksum FROM files WHERE path = ?1";

int read_rows(sqlite3* database, std::span<const std::string> folders,
              std::span<const std::string> paths, IndexedFiles& files) {
  // One transaction, so that the file is locked once and not for each query.
  if (const int result = execute(database, "BEGIN"); result != SQLITE_OK) return result;
  Statement in_folder(database, kInFolder);
  for (const std::string& folder : folders) {
    const std::string prefix = folder.ends_with('/') ? folder : folder + '/';
    std::string end = prefix;
    ++end.back();  // '0' comes after '/'
    in_folder.again();
    in_folder.bind(1, view(prefix)).bind(2, view(end));
    if (!add_rows(in_folder, files)) return SQLITE_CORRUPT;
  }
  Statement of_path(database, kOfPath);
  for (const std::string& path : paths) {
    of_path.again();
    of_path.bind(1, view(path));
    if (!add_rows(of_path, files)) return SQLITE_CORRUPT;
  }
  return in_folder.result() != SQLITE_OK ? in_folder.result() : of_path.result();
}

int write_rows(sqlite3* database, const std::vector<ChangedFile>& changed,
               const std::vector<std::string>& removed) {
  int result = execute(database, "BEGIN IMMEDIATE");
  if (result != SQLITE_OK) return result;
  // Another process may have made the table while we waited.
  if (number_of(database, "SELECT count(*) FROM sqlite_schema") == 0)
    result = execute(database, kCreate);
  if (result != SQLITE_OK) return result;
  if (!is_ours(database)) return SQLITE_NOTADB;
  if (number_of(database, "SELECT count(*) FROM files") +
          static_cast<std::int64_t>(changed.size()) >
      kMostRows)
    result = execute(database, "DELETE FROM files");
  if (result != SQLITE_OK) return result;

  Statement forget(database, "DELETE FROM files WHERE path = ?1");
  for (const std::string& path : removed) {
    forget.again();
    forget.bind(1, view(path)).step();
  }
  if (forget.result() != SQLITE_OK) return forget.result();
  Statement write(database, "INSERT OR REPLACE INTO files VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
  for (const ChangedFile& file : changed) {
    const Bytes headers = encode_headers(*file.known);
    const FileStamp& stamp = file.known->stamp;
    write.again();
    write.bind(1, view(file.path))
        .bind(2, static_cast<std::int64_t>(stamp.size))
        .bind(3, stamp.mtime)
        .bind(4, static_cast<std::int64_t>(stamp.inode))
        .bind(5, headers)
        .bind(6, checksum(file.path, stamp, headers))
        .step();
  }
  if (write.result() != SQLITE_OK) return write.result();
  return execute(database, "COMMIT");
}

/// Makes a folder and those above it, for this user only.
void make_folders(const std::string& folder) {
  for (std::size_t slash = folder.find('/', 1);; slash = folder.find('/', slash + 1)) {
    ::mkdir(folder.substr(0, slash).c_str(), 0700);
    if (slash == std::string::npos) return;
  }
}

}  // namespace

UuidIndex::UuidIndex(std::string folder)
    : folder_(std::move(folder)), path_(folder_ + "/uuid-index.sqlite") {}

Expected<IndexedFiles> UuidIndex::load(std::span<const std::string> folders,
                                       std::span<const std::string> files) const {
  IndexedFiles known;
  if (::access(path_.c_str(), F_OK) != 0) return known;
  int result = SQLITE_OK;
  {
    const UseLock lock(folder_, LOCK_SH);
    const Opened opened = open_index(path_, SQLITE_OPEN_READWRITE);
    result = opened.result;
    if (result == SQLITE_OK) {
      // An empty file is one that is just being made.
      const std::int64_t tables =
          number_of(opened.database.get(), "SELECT count(*) FROM sqlite_schema");
      if (tables == 0) return known;
      result = sqlite3_errcode(opened.database.get());
      if (tables > 0) {
        result = is_ours(opened.database.get())
                     ? read_rows(opened.database.get(), folders, files, known)
                     : SQLITE_NOTADB;
      }
    }
  }
  if (is_damage(result)) {
    discard(folder_, path_);
    return known;  // the rows that could be read have a checksum, so they hold
  }
  if (result != SQLITE_OK) return unusable(path_, result);
  return known;
}

Status UuidIndex::store(const std::vector<ChangedFile>& changed,
                        const std::vector<std::string>& removed) const {
  make_folders(folder_);
  int result = SQLITE_OK;
  for (int attempt = 0; attempt < 2; ++attempt) {
    {
      const UseLock lock(folder_, LOCK_SH);
      // Closing without COMMIT undoes everything.
      const Opened opened = open_index(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
      result = opened.result;
      if (result == SQLITE_OK) result = write_rows(opened.database.get(), changed, removed);
    }
    if (result == SQLITE_OK) return std::monostate{};
    if (!is_damage(result)) break;
    discard(folder_, path_);
  }
  return unusable(path_, result);
}

}  // namespace panicscan::symbols
