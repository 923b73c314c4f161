import CommandLineSupport
import Compression
import Foundation
import Training

/// What a training run came to: the record beside the saved network.
public struct TrainedRecord: Codable, Sendable, Equatable {
  /// Accuracies on the test samples, as shares.
  public struct Accuracies: Codable, Sendable, Equatable {
    /// On the samples as they are.
    public var natural: Double
    /// Under each attack, in the order of the recipe.
    public var attacked: [Attacked]
    /// The median l₂ distance of the nearest adversarial samples found, over right answers; `nil` when none were looked for.
    public var medianDistance: Double?

    /// Under one attack.
    public struct Attacked: Codable, Sendable, Equatable {
      /// The attack's name.
      public var name: String
      /// The greatest perturbation.
      public var epsilon: Double
      /// How perturbations are measured.
      public var norm: PerturbationNorm
      /// The share of samples that keep the right answer.
      public var accuracy: Double
    }

    /// What an evaluation found.
    public init(_ result: AccuracyResult) {
      natural = result.naturalAccuracy
      attacked = result.attacks.map {
        Attacked(
          name: $0.attack.name, epsilon: $0.attack.settings.epsilon, norm: $0.attack.settings.norm, accuracy: result.share($0.correct))
      }
      medianDistance = result.medianDistance.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The accuracy that a word names: `natural` or an attack.
    public subscript(measure: String) -> Double? {
      measure == "natural" ? natural : attacked.first { $0.name == measure }?.accuracy
    }
  }

  /// The recipe's heading.
  public var title: String
  /// SHA-256 of everything that determines the run beside the data.
  public var recipe: String
  /// The recipe's settings in words.
  public var settings: [String: String]
  /// What the data are called.
  public var data: String
  /// SHA-256 of the data.
  public var dataDigest: String
  /// The samples of training, validation and test.
  public var samples: [Int]
  /// The seed.
  public var seed: UInt64
  /// The version of the program.
  public var version: String
  /// The numbers that were trained.
  public var parameterCount: Int
  /// The epoch whose numbers were saved, counted from 1.
  public var epoch: Int
  /// Threads.
  public var threads: Int
  /// Seconds of training.
  public var trainingSeconds: Double
  /// Seconds of measuring accuracies.
  public var evaluationSeconds: Double
  /// The saved network: without noise.
  public var deployed: Accuracies?
  /// The network with its noise, attacked through means over draws; `nil` when it has none.
  public var noisy: Accuracies?
  /// The learning curve.
  public var curve: [EpochRecord]
  /// SHA-256 of the saved file.
  public var network: String
  /// What was pruned; `nil` for a network that was only trained.
  public var pruning: PruningRecord?

  /// Collects the parts.
  public init(
    title: String, recipe: String, settings: [String: String], data: String, dataDigest: String, samples: [Int], seed: UInt64,
    version: String, parameterCount: Int, epoch: Int, threads: Int, trainingSeconds: Double, evaluationSeconds: Double,
    deployed: Accuracies?, noisy: Accuracies?, curve: [EpochRecord], network: String, pruning: PruningRecord? = nil
  ) {
    (self.title, self.recipe, self.settings, self.data, self.dataDigest) = (title, recipe, settings, data, dataDigest)
    (self.samples, self.seed, self.version, self.parameterCount, self.epoch) = (samples, seed, version, parameterCount, epoch)
    (self.threads, self.trainingSeconds, self.evaluationSeconds) = (threads, trainingSeconds, evaluationSeconds)
    (self.deployed, self.noisy, self.curve, self.network, self.pruning) = (deployed, noisy, curve, network, pruning)
  }

  /// Reads the record of a run; `nil` when there is none.
  public init?(path: String) {
    guard let data = FileManager.default.contents(atPath: path), let record = try? JSONDecoder().decode(Self.self, from: data) else {
      return nil
    }
    self = record
  }

  /// The record as text that the same run always gives, timings aside.
  public var encoded: Data {
    get throws { try readableJSON }
  }
}
