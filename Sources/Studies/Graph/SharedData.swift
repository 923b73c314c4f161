import Synchronization
import Training

/// Data that several steps of a study use, loaded once.
public final class SharedData: Sendable {
  /// The last description and its data: studies use few, one after the other, and memory is for one of them.
  private let last = Mutex<(description: DataDescription, parts: DataDescription.Parts)?>(nil)

  /// The same for the samples for testing alone.
  private let lastTest = Mutex<(description: DataDescription, samples: Dataset)?>(nil)

  /// Nothing loaded yet.
  public init() {}

  /// All parts of a description.
  ///
  /// - Throws: `TrainingError` or `FormatError` that names the setting or the file.
  public func parts(_ description: DataDescription) throws -> DataDescription.Parts {
    if let known = last.withLock({ $0?.description == description ? $0?.parts : nil }) { return known }
    let parts = try description.load()
    last.withLock { $0 = (description, parts) }
    return parts
  }

  /// The samples for testing of a description.
  ///
  /// - Throws: `TrainingError` or `FormatError` that names the setting or the file, also when there are none.
  public func testSamples(_ description: DataDescription) throws -> Dataset {
    if let known = lastTest.withLock({ $0?.description == description ? $0?.samples : nil }) { return known }
    guard let samples = try description.loadTest() else { throw TrainingError.data("there are no samples for testing") }
    lastTest.withLock { $0 = (description, samples) }
    return samples
  }
}
