import LinearAlgebra

/// What the command line asks for.
struct Options {
  /// How results are printed.
  enum Format {
    case text
    case markdown
    case json
  }

  /// Words that explain the options.
  static let usage = """
    usage: benchmarks [--filter REGEX] [--threads N] [--quick] [--markdown | --json]

      --filter REGEX  only cases whose name (topic/case) contains a match
      --threads N     threads of the project's own loops; BLAS always has one (default: the number of cores)
      --quick         fewer repetitions, no slow cases
      --markdown      Markdown tables instead of aligned ones
      --json          JSON instead of tables; times in seconds
      --list          the names of all cases

    """

  var format = Format.text
  var filter: Regex<AnyRegexOutput>?
  var isQuick = false
  var isList = false
  var isHelp = false

  /// Reads the arguments; `--threads` takes effect at once.
  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    func value(of option: String) throws -> String {
      guard let next = rest.popFirst() else { throw BenchmarkError("\(option) needs a value") }
      return next
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--markdown": format = .markdown
      case "--json": format = .json
      case "--quick": isQuick = true
      case "--list": isList = true
      case "--help", "-h": isHelp = true
      case "--filter":
        let pattern = try value(of: argument)
        do { filter = try Regex(pattern) } catch { throw BenchmarkError("'\(pattern)' is not a regular expression: \(error)") }
      case "--threads":
        let text = try value(of: argument)
        guard let count = Int(text), count > 0 else { throw BenchmarkError("--threads needs a positive number, not '\(text)'") }
        Threads.count = count
      default: throw BenchmarkError("'\(argument)' is not an option")
      }
    }
  }
}
