import Foundation
import LinearAlgebra

/// The machine a report was made on.
public struct Machine: Sendable, Equatable {
  /// Cores.
  public var cores: Int
  /// Threads used.
  public var threads: Int
  /// OpenBLAS's description of itself, or `nil` when the library is not optimised.
  public var blas: String?
  /// The processor's name, where the system tells it.
  public var processor: String?

  /// Collects the parts.
  public init(cores: Int, threads: Int, blas: String?, processor: String?) {
    (self.cores, self.threads, self.blas, self.processor) = (cores, threads, blas, processor)
  }

  /// This machine.
  public static var current: Machine {
    let cpu = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = cpu?.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    return Machine(
      cores: ProcessInfo.processInfo.processorCount, threads: Threads.count, blas: Threads.optimisedBLAS, processor: name)
  }

  /// "OpenBLAS 0.3.29 Haswell".
  public var shortBLAS: String {
    guard let blas else { return "BLAS not optimised" }
    let words = blas.split(separator: " ")
    let core = words.last { word in word.first?.isUppercase == true && word.contains(where: \.isLowercase) && !word.contains("=") }
    return (words.prefix(2) + [core].compactMap { $0 }.filter { !words.prefix(2).contains($0) }).joined(separator: " ")
  }
}
