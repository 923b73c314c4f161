import Foundation

/// Measures what Lipcert does and what it is made of.
@main
struct Main {
  /// Every subject, in the order of printing.
  static let topics: [Topic] = [
    LiftedBenchmarks.topic, CertificateBenchmarks.topic, PublishedBenchmarks.topic, ConicBenchmarks.topic, LinearProgramBenchmarks.topic,
    RadiusBenchmarks.topic, ProofBenchmarks.topic, ConvolutionBenchmarks.topic, TrainingBenchmarks.topic, TrainingLayerBenchmarks.topic,
    TrainingStepBenchmarks.topic, RelaxationBenchmarks.topic, EigenBenchmarks.topic, DenseBenchmarks.topic, SparseBenchmarks.topic,
    FormatBenchmarks.topic,
  ]

  static func main() {
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      if options.isHelp {
        print(Options.usage, terminator: "")
      } else if options.isList {
        for topic in topics { for one in topic.cases { print("\(topic.id)/\(one.name)\(one.isSlow ? "  (not with --quick)" : "")") } }
      } else {
        exit(try Harness(options: options).run(topics) == 0 ? 0 : 1)
      }
    } catch {
      FileHandle.standardError.write(Data("benchmarks: \(error)\n\n\(Options.usage)".utf8))
      exit(2)
    }
  }
}
