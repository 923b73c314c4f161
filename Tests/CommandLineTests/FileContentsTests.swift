import FileSupport
import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Reading files and making folders")
struct FileContentsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func failure(_ name: String, limit: Int = .max) -> FileReadError? {
    #expect(throws: FileReadError.self) { try FileContents.read(path: name.isEmpty ? "" : folder.path(name), limit: limit) }
  }

  @Test("Files come whole, and not when they are larger than the limit")
  func files() throws {
    let data = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) })
    try folder.write(data, to: "file")
    #expect(try FileContents.read(path: folder.path("file"), limit: data.count) == data)
    #expect(FileContents.obstacle(path: folder.path("file")) == nil)
    let large = failure("file", limit: data.count - 1)
    #expect(large?.isTooLarge == true && large?.reason == "100000 bytes exceed the limit of 99999")
    for (name, reason) in [
      ("none", "there is no such file"), ("", "the name of the file is empty"), (".", "is a folder, not a file"),
      ("file/x", "cannot be read: a part of its path is a file, not a folder"),
      (String(repeating: "x", count: 300), "cannot be read: the name is too long"),
    ] {
      #expect(failure(name)?.reason == reason)
      #expect(failure(name)?.isTooLarge == false)
    }
    #expect(FileContents.obstacle(path: folder.path("none"))?.description == "\(folder.path("none")): there is no such file")
    #expect(throws: FileReadError.self) { try FileContents.read(path: "/dev/zero") }
  }

  @Test("Pipes are read to their end, but not beyond the limit", arguments: [200_000, 100_000])
  func pipes(limit: Int) throws {
    let path = folder.path("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    let writer = Process()
    writer.executableURL = URL(fileURLWithPath: "/bin/sh")
    writer.arguments = ["-c", "head -c 150000 /dev/zero > \"$0\" 2> /dev/null", path]
    try writer.run()
    defer { writer.waitUntilExit() }
    if limit > 150_000 {
      #expect(try FileContents.read(path: path, limit: limit) == Data(count: 150_000))
    } else {
      #expect(failure("pipe", limit: limit)?.isTooLarge == true)
    }
  }

  @Test("Folders are made with those they lie in, and what stands in the way is named")
  func folders() throws {
    for name in ["a/b/c", "a/b/c", "a/", "."] {
      try Folder.make(path: folder.path(name))
      var isFolder: ObjCBool = false
      #expect(FileManager.default.fileExists(atPath: folder.path(name), isDirectory: &isFolder) && isFolder.boolValue)
    }
    try folder.write(Data(), to: "a/file")
    for (name, reason) in [("a/file", "there is a file of this name"), ("a/file/x/y", "a part of its path is a file, not a folder")] {
      let error = #expect(throws: FileWriteError.self) { try Folder.make(path: folder.path(name)) }
      #expect(error?.description == "\(folder.path(name)): the folder cannot be created: \(reason)")
    }
    #expect(throws: FileWriteError.self) { try Folder.make(path: "") }
    #expect(try Folder.names(path: folder.path("a")) == ["b", "file"])
    #expect(throws: FileReadError.self) { try Folder.names(path: folder.path("a/file")) }
    let missing = #expect(throws: FileReadError.self) { try Folder.names(path: folder.path("none")) }
    #expect(missing?.reason == "there is no such folder")
  }
}
