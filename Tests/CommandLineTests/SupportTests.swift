import CommandLineSupport
import Dispatch
import FileSupport
import Foundation
import NetworkFormats
import Networks
import Testing

@Suite("Command line support")
struct SupportTests {
  @Test("Tables align words left and numbers right")
  func tables() {
    var table = Table([("name", .left), ("value", .right), ("", .left)])
    table.add(["a", "1.5"])
    table.add(["longer", "12345.5", "note"])
    #expect(table.lines == ["name      value", "------  -------  ----", "a           1.5", "longer  12345.5  note"])
  }

  @Test("JSON keeps order, escapes text and rounds bounds outwards")
  func json() throws {
    let value = JSONValue.object([
      ("z", .upper(0.1)), ("a", .lower(0.1)), ("text", .string("quote \" backslash \\ line\n bell \u{7} é")), ("none", .upper(.infinity)),
      ("list", .array([.integer(1), .boolean(true), .null])), ("empty", .object([])),
    ])
    let text = value.formatted
    #expect(text.hasPrefix("{\n  \"z\": 0.10000000000000001,\n  \"a\": 0.1,\n"))
    let parsed = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(parsed["text"] as? String == "quote \" backslash \\ line\n bell \u{7} é")
    #expect(parsed["none"] is NSNull)
  }

  @Test("Quantities read well")
  func quantities() {
    #expect(Quantity.count(1_234_567) == "1,234,567")
    #expect(Quantity.count(-12) == "-12")
    #expect(Quantity.bytes(1000) == "1000 B")
    #expect(Quantity.bytes(1 << 30) == "1.0 GiB")
    #expect(Quantity.bytes((1 << 30) + 1) == "1.1 GiB")
    #expect(Quantity.counted(1, "unit") == "1 unit")
    #expect(Quantity.counted(2, "unit") == "2 units")
    #expect([0.98, 0.00005, -0.00125, 0].map(Quantity.percent) == ["98.00 %", "0.01 %", "-0.13 %", "0.00 %"])
    #expect([40, 59.5, 61, 4800, 1e300].map(Quantity.wait) == ["40 s", "60 s", "2 min", "1 h 20 min", "years"])
    #expect(Quantity.progress(1, of: 4) == "[#####---------------]  1 of 4" && Quantity.progress(0, of: 0).hasPrefix("[####"))
    #expect([Double.nan, 1e300].allSatisfy { !Quantity.percent($0).isEmpty })
  }

  @Test("Activation words")
  func activations() {
    #expect(NonlinearityName.parse("ReLU") == .activation(.relu))
    #expect(NonlinearityName.parse("leakyrelu:0.1") == .activation(.leakyReLU(slope: 0.1)))
    #expect(NonlinearityName.parse("clip:-1,1") == .activation(.clip(lower: -1, upper: 1)))
    #expect(NonlinearityName.parse("groupSort:2") == .groupSort(size: 2))
    let wrong = ["", "relu:1", "leakyReLU", "leakyReLU:", "leakyReLU:nan", "clip:1,-1", "clip:1", "groupSort:1", "groupSort:2.5", "maxout"]
    for word in wrong { #expect(NonlinearityName.parse(word) == nil, "\(word)") }
  }

  @Test("Threads may write one file at once, past what killed processes left")
  func concurrentFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("file")
    let left = folder.path(".file.\(ProcessInfo.processInfo.processIdentifier).")
    for number in 1...200 { FileManager.default.createFile(atPath: "\(left)\(number).tmp", contents: nil) }
    let texts = (0..<32).map { "\($0) ".padding(toLength: 10_000, withPad: "x", startingAt: 0) }
    DispatchQueue.concurrentPerform(iterations: texts.count) { k in
      #expect(throws: Never.self) { try AtomicFile.write(Data(texts[k].utf8), path: path) }
    }
    #expect(texts.contains(try String(contentsOfFile: path, encoding: .utf8)))
    let others = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0 != "file" }
    #expect(others.count == 200)
  }

  @Test("Files are replaced whole, or not at all")
  func atomicFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("x")
    try AtomicFile.write(Data("old".utf8), path: path)
    try AtomicFile.write(Data("new".utf8), path: path)
    #expect(try folder.read("x") == Data("new".utf8))
    #expect(try folder.files() == ["x"])
    #expect(throws: FileWriteError.self) { try AtomicFile.write(Data([1]), path: "/dev/full") }
    #expect(throws: FileWriteError.self) { try AtomicFile.write(Data([1]), path: folder.url.path) }
    #expect(throws: FileWriteError.self) { try AtomicFile.write(Data([1]), path: folder.path("missing/x")) }
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
    #expect(AtomicFile.obstacle(path: path) == nil)
    #expect(AtomicFile.obstacle(path: folder.path("missing/x")) != nil)
    #expect(AtomicFile.obstacle(path: folder.url.path) != nil)
  }
}
