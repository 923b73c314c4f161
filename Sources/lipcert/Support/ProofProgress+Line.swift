import Certificates
import CommandLineSupport

extension ProofProgress {
  /// For example `proof 7 of 19 stages, 43 %, about 620 s left`.
  var words: String {
    let left = remaining.map { ", about \(Quantity.seconds($0)) s left" } ?? ""
    return "proof \(stage) of \(stages) stages, \(Int(100 * fraction)) %\(left)"
  }

  /// A journal in a folder that draws its progress.
  static func journal(_ folder: WorkFolder?, title: String, isShown: Bool = true) -> ProofJournal {
    ProofJournal(folder: folder, name: "check") { progress in
      if isShown { Console.shared.draw { "\(title)  \(progress.words)" } }
    }
  }
}
