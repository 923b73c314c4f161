import CommandLineSupport
import Foundation
import LinearAlgebra
import NetworkFormats
import Testing

@testable import Studies

@Suite("The schema of studies and recipes")
struct StudySchemaTests {
  private static let schema = JSONSchema(StudySchema.json)

  @Test("The committed schema is the one of this version")
  func committed() throws {
    let text = try String(contentsOfFile: StudyExamples.folder.appendingPathComponent("study.schema.json").path, encoding: .utf8)
    #expect(text == StudySchema.json.formatted + "\n", "make it anew: lipcert run --schema > problems/study.schema.json")
  }

  @Test("The validator refuses what a schema forbids")
  func validator() throws {
    let recipe = try StudyExamples.json("title: T\nmodel: lenet5\ntraining: {epochs: 3, learning-rate: 0.1}\n")
    #expect(try Self.schema.complaints(about: recipe).isEmpty)
    for (text, path) in [
      ("title: T\nmodel: lenet6\ntraining: {epochs: 3, learning-rate: 0.1}\n", "/model"),
      ("title: T\nmodel: lenet5\ntraining: {epochs: 0, learning-rate: 0.1}\n", "/training/epochs"),
      ("title: T\nmodel: lenet5\ntraining: {epochs: 3.5, learning-rate: 0.1}\n", "/training/epochs"),
      ("title: T\nmodel: lenet5\ntraining: {epochs: 3, learning-rate: 0}\n", "/training/learning-rate"),
      ("title: T\nmodel: lenet5\ntraining: {epochs: 3}\n", ""),
      ("title: T\nmodel: lenet5\ntraining: {epochs: 3, learning-rate: 0.1, clip-norm: 1, clip-value: 1}\n", "/training"),
      ("title: T\nmodel: lenet5\ntraining: {epochs: 3, learning-rate: 0.1, epochen: 1}\n", "/training/epochen"),
    ] {
      let complaints = try Self.schema.complaints(about: StudyExamples.json(text))
      #expect(complaints.contains { $0.path == path }, "\(text): \(complaints)")
    }
  }

  @Test("Every key is explained; every default and every example is allowed where it stands")
  func explanations() throws {
    var (keys, defaults, examples) = (0, 0, 0)
    func visit(_ schema: JSONValue, _ path: String) throws {
      if let properties = schema["properties"]?.members {
        #expect(schema["additionalProperties"].map { if case .boolean(false) = $0 { true } else { false } } ?? false, "\(path)")
        for (name, property) in properties {
          keys += 1
          let description = property["description"]?.text ?? ""
          #expect(description.hasSuffix(".") && description.count > 10, "\(path)/\(name) is not explained")
        }
      }
      for value in schema["default"].map({ [$0] }) ?? [] {
        defaults += 1
        #expect(try Self.schema.complaints(about: value, by: schema).isEmpty, "\(path): the default \(value.formatted)")
      }
      for value in schema["examples"]?.elements ?? [] {
        examples += 1
        #expect(try Self.schema.complaints(about: value, by: schema).isEmpty, "\(path): the example \(value.formatted)")
      }
      switch schema {
      case .object(let members):
        for (name, part) in members where name != "default" && name != "examples" { try visit(part, "\(path)/\(name)") }
      case .array(let parts): for (index, part) in parts.enumerated() { try visit(part, "\(path)/\(index)") }
      default: break
      }
    }
    try visit(StudySchema.json, "")
    #expect(keys > 150 && defaults > 60 && examples > 10, "\(keys) keys, \(defaults) defaults, \(examples) examples")
  }

  @Test("The files of the repository and the examples of its documentation are valid, and can be read")
  func examples() throws {
    let examples = try StudyExamples.all()
    #expect(examples.count >= 8)
    for example in examples {
      let complaints = try Self.schema.complaints(about: StudyExamples.json(example.text))
      #expect(complaints.isEmpty, "\(example.name): \(complaints)")
      try StudyExamples.read(example.text, file: example.file, isRecipe: StudyExamples.isRecipe(example.text))
    }
  }

  @Test("Study files name their schema in the first line")
  func modelines() throws {
    for example in try StudyExamples.all() where example.file == example.name {
      #expect(example.text.hasPrefix("# yaml-language-server: $schema=study.schema.json\n"), "\(example.name)")
    }
  }

  @Test("What the schema and the reader say of mutated studies agrees", arguments: 0..<4)
  func mutations(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let bases = try StudyExamples.full.map { (try StudyExamples.json($0), try StudyExamples.isRecipe($0)) }
    var (valid, refused, ruled) = (0, 0, 0)
    for _ in 0..<800 {
      let (base, isRecipe) = bases[Int.random(in: bases.indices, using: &random)]
      let mutant = StudyMutation.random(of: base, using: &random)
      // JSON is YAML, line by line.
      let text = mutant.formatted
      let complaints = try Self.schema.complaints(about: StudyExamples.json(text))
      do {
        try StudyExamples.read(text, file: StudyExamples.folder.appendingPathComponent("mutant.yaml").path, isRecipe: isRecipe)
        #expect(complaints.isEmpty, "the schema alone refuses it: \(complaints)\n\(text)")
        valid += 1
      } catch let error as FormatError {
        StudyExamples.expectSentence(error)
        refused += 1
        guard complaints.isEmpty else { continue }
        ruled += 1
        #expect(StudyExamples.isRuleBetweenFields(error), "the schema allows it: \(error)\n\(text)")
      }
    }
    #expect(valid > 100 && refused > 300 && ruled > 5, "\(valid) are valid, \(refused) refused, \(ruled) by rules between fields")
  }

  @Test("A key that is taken away is named with its line, or was not needed")
  func missingKeys() throws {
    var (needed, free) = (0, 0)
    for example in try StudyExamples.all() {
      let whole = try StudyExamples.json(example.text)
      let isRecipe = try StudyExamples.isRecipe(example.text)
      for path in StudyMutation.keys(of: whole) {
        let text = StudyMutation.removing(path, from: whole).formatted
        do {
          try StudyExamples.read(text, file: example.file, isRecipe: isRecipe)
          free += 1
        } catch let error as FormatError {
          StudyExamples.expectSentence(error)
          needed += 1
          if StudyExamples.isRuleBetweenFields(error) || error.reason.contains("': does not go with '") { continue }
          let key = path.last?.name ?? ""
          #expect(error.reason.contains("'\(key)'"), "\(example.name) without \(key): \(error)")
          #expect(try error.place == .line(StudyMutation.line(of: path.dropLast(), in: text)), "\(example.name) without \(key): \(error)")
        }
      }
    }
    #expect(needed > 100 && free > 100, "\(needed) keys were needed, \(free) not")
  }
}
