import CommandLineSupport
import NetworkFormats

/// A key of a file, as editors are told of it.
struct KeyDescription: Sendable {
  /// The key.
  let name: String
  /// Its values, with description and default.
  let schema: Schema
  /// Whether it must be there.
  let isRequired: Bool
  /// Reads its value and keeps nothing of it.
  let check: @Sendable (YAMLEntry) throws -> Void

  /// The same where it must be there.
  var required: KeyDescription { KeyDescription(name: name, schema: schema, isRequired: true, check: check) }
  /// The same where it need not be there.
  var optional: KeyDescription { KeyDescription(name: name, schema: schema, isRequired: false, check: check) }
}

/// One key of a mapping, or several that belong together, and the value that they make.
struct Field<Value: Sendable>: Sendable {
  /// The keys: one of these forms is there.
  let forms: [[KeyDescription]]
  /// Keys of which at most one may be there.
  let exclusions: [[String]]
  /// Reads the value.
  ///
  /// Throws `FormatError` that names the line and the key.
  let read: @Sendable (YAMLMapping) throws -> Value

  init(forms: [[KeyDescription]], exclusions: [[String]] = [], read: @escaping @Sendable (YAMLMapping) throws -> Value) {
    (self.forms, self.exclusions, self.read) = (forms, exclusions, read)
  }

  private init<Written>(
    _ name: String, _ notation: Notation<Written>, isRequired: Bool, default value: JSONValue?, _ description: String,
    read: @escaping @Sendable (YAMLMapping) throws -> Value
  ) {
    let schema = notation.schema.described(description, default: value)
    let check: @Sendable (YAMLEntry) throws -> Void = { _ = try notation.read($0) }
    self.init(forms: [[KeyDescription(name: name, schema: schema, isRequired: isRequired, check: check)]], read: read)
  }

  /// A key that must be there.
  init(required name: String, _ notation: Notation<Value>, _ description: String) {
    self.init(name, notation, isRequired: true, default: nil, description) { try notation.read($0.required(name)) }
  }

  /// A key with a default.
  init(_ name: String, _ notation: Notation<Value>, default value: Value, _ description: String) {
    self.init(name, notation, isRequired: false, default: notation.written(value), description) { try $0[name].map(notation.read) ?? value }
  }

  /// A key that may be missing.
  init<Written>(_ name: String, _ notation: Notation<Written>, _ description: String) where Value == Written? {
    self.init(name, notation, isRequired: false, default: nil, description) { try $0[name].map(notation.read) }
  }

  /// The names of all keys, in the order of messages.
  var names: [String] {
    var seen: Set<String> = []
    return forms.joined().map(\.name).filter { seen.insert($0).inserted }
  }

  /// Several keys that make one value; `make` is also given the mapping, for complaints.
  static func group<each Part: Sendable>(
    _ field: repeat Field<each Part>, make: @escaping @Sendable (YAMLMapping, repeat each Part) throws -> Value
  ) -> Field {
    var forms: [[KeyDescription]] = [[]]
    var exclusions: [[String]] = []
    repeat (each field).join(&forms, &exclusions)
    return Field(forms: forms, exclusions: exclusions) { mapping in try make(mapping, repeat (each field).read(mapping)) }
  }

  private func join(_ forms: inout [[KeyDescription]], _ exclusions: inout [[String]]) {
    forms = forms.flatMap { before in self.forms.map { before + $0 } }
    exclusions += self.exclusions
  }

  /// One of several groups of keys: the first whose first key is there. Keys of the others are mistakes.
  static func one(of alternatives: [Field]) -> Field {
    let marks = alternatives.map { $0.forms[0][0].name }
    let all = Set(alternatives.flatMap(\.names))
    return Field(forms: alternatives.flatMap(\.forms), exclusions: alternatives.flatMap(\.exclusions)) { mapping in
      guard let index = marks.firstIndex(where: { mapping[$0] != nil }) else {
        let words = marks.map { "'\($0)'" }
        throw mapping.failure(
          "needs " + (words.dropLast().joined(separator: ", ") + (words.count > 1 ? " or " : "") + (words.last ?? "")))
      }
      let others = all.subtracting(alternatives[index].names).intersection(mapping.keys)
      if let other = others.min(), let entry = mapping[other] { throw entry.failure("does not go with '\(marks[index])'") }
      return try alternatives[index].read(mapping)
    }
  }

  /// The same where some keys must be there.
  func requiring(_ names: String...) -> Field {
    let forms = forms.map { $0.map { names.contains($0.name) ? $0.required : $0 } }
    return Field(forms: forms, exclusions: exclusions) { [read] mapping in
      for name in names { _ = try mapping.required(name) }
      return try read(mapping)
    }
  }

  /// The same; of the keys at most one may be there.
  func excluding(_ first: String, _ second: String) -> Field {
    Field(forms: forms, exclusions: exclusions + [[first, second]]) { [read] mapping in
      if mapping[first] != nil, let entry = mapping[second] { throw entry.failure("excludes '\(first)'") }
      return try read(mapping)
    }
  }
}

extension Notation {
  /// Keys and values; `name` is what they are called in messages, their own key unless given.
  static func mapping(_ name: String? = nil, _ field: Field<Value>) -> Notation {
    let names = field.names
    return Notation(.mapping(forms: field.forms, exclusions: field.exclusions), allowsScalars: false) { entry in
      try field.read(name.map { try YAMLMapping(entry.value, name: $0, keys: names) } ?? entry.mapping(names))
    }
  }
}

extension Notation<YAMLMapping> {
  /// The keys of a mapping whose values are read later, each for itself: where the mapping is a part, others may stand elsewhere.
  static func keys<Whole>(of field: Field<Whole>, isPart: Bool) -> Notation {
    let forms = isPart ? field.forms.map { $0.map(\.optional) } : field.forms
    let (names, keys) = (field.names, field.forms.flatMap { $0 })
    return Notation(.mapping(forms: forms, exclusions: field.exclusions), allowsScalars: false) { entry in
      let mapping = try entry.mapping(names)
      for key in keys { if let entry = mapping[key.name] { try key.check(entry) } }
      return mapping
    }
  }
}
