import LinearAlgebra

/// What is done to parameters beside the steps of the optimiser: penalties, pruning, quantisation.
///
/// The trainer calls a hook at fixed places of every step: ``substitute(_:at:)``, the passes of the loss, ``penalise(_:gradient:at:)``,
/// clipping, ``move(_:rate:at:)``, the optimiser's step, ``project(_:at:)``. Several hooks come one after the other at every place.
public protocol TrainingHook: Sendable {
  /// The hook and all of its settings in words: a checkpoint of a run with other words is refused.
  var identity: String { get }

  /// All that the hook remembers; with it set again, the run continues bit for bit.
  var memory: TrainingMemory { get set }

  /// Whether ``substitute(_:at:)`` changes anything.
  var isSubstituting: Bool { get }

  /// Makes ready for a run that begins with these parameters; where it goes on from a checkpoint, ``memory`` is set afterwards.
  ///
  /// - Throws: what is wrong with the hook's settings or does not fit the model.
  mutating func begin(_ parameters: [Float], model: Model<Float>) throws

  /// Turns the parameters into those that the passes of this step see, such as quantised ones. Gradients are taken there and applied here.
  mutating func substitute(_ parameters: inout [Float], at position: TrainingPosition)

  /// Adds the gradient of a penalty.
  ///
  /// - Returns: the penalty.
  mutating func penalise(_ parameters: [Float], gradient: inout [Float], at position: TrainingPosition) -> Double

  /// Changes the parameters before the optimiser's step, with its learning rate.
  mutating func move(_ parameters: inout [Float], rate: Double, at position: TrainingPosition)

  /// Changes the parameters after the optimiser's step, such as by a projection.
  mutating func project(_ parameters: inout [Float], at position: TrainingPosition)

  /// Acts at the end of an epoch, before validation.
  ///
  /// - Throws: why the run cannot go on.
  mutating func epochEnded(_ state: inout ModelState<Float>, at position: TrainingPosition) throws

  /// Turns the parameters into those that are validated and saved, such as pruned ones.
  func deploy(_ parameters: inout [Float])
}

extension TrainingHook {
  /// The passes see the parameters themselves.
  public var isSubstituting: Bool { false }
  /// Nothing has to be made ready.
  public mutating func begin(_ parameters: [Float], model: Model<Float>) throws {}
  /// The passes see the parameters themselves.
  public mutating func substitute(_ parameters: inout [Float], at position: TrainingPosition) {}
  /// There is no penalty.
  public mutating func penalise(_ parameters: [Float], gradient: inout [Float], at position: TrainingPosition) -> Double { 0 }
  /// Nothing moves beside the optimiser's step.
  public mutating func move(_ parameters: inout [Float], rate: Double, at position: TrainingPosition) {}
  /// The optimiser's step stands.
  public mutating func project(_ parameters: inout [Float], at position: TrainingPosition) {}
  /// Nothing happens at the end of an epoch.
  public mutating func epochEnded(_ state: inout ModelState<Float>, at position: TrainingPosition) throws {}
  /// The parameters are deployed as they are.
  public func deploy(_ parameters: inout [Float]) {}
}
