import Certificates
import LinearAlgebra

/// How the values of a ``GainSystem`` fall into stages that are only linked through gains between them.
struct GainLayout {
  /// The inequalities of a stage and, in this order, its own variables and those of the gains before and after it.
  struct Stage {
    var inequalities: Range<Int>
    var interior: [Int]
    var before: Int
    var after: Int?
  }

  /// The variables of the gain between two stages; empty where there is none.
  var links: [[Int]]
  var stages: [Stage]

  /// All variables belong to one stage.
  init(single system: GainSystem) {
    links = [[]]
    stages = [Stage(inequalities: system.inequalities.indices, interior: Array(system.variables.indices), before: 0, after: nil)]
  }

  /// The stages of a whole program.
  init(_ program: GainProgram) {
    links = [program.stages.first?.inputs ?? []]
    stages = []
    for stage in program.stages {
      let before = links.count - 1
      if !stage.outputs.isEmpty { links.append(stage.outputs) }
      stages.append(
        Stage(
          inequalities: stage.inequalities, interior: stage.interior, before: before,
          after: stage.outputs.isEmpty ? nil : links.count - 1))
    }
  }
}
