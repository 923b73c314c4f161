import FileSupport
import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite struct ProofJournalTests {
  private struct Stop: Error {}

  private func withFolder(_ body: (WorkFolder) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-work-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(WorkFolder(path: path))
  }

  /// Multipliers of the row sums; `last` is where the proof dies.
  private func prove(_ network: LoweredNetwork, _ folder: WorkFolder?, rule: String = "rows", dyingAt last: Int = -1) throws -> GainProof {
    try GainProof(network: network, sectors: network.globalSectors, journal: ProofJournal(folder: folder, rule: rule)) { position, stage in
      if position == last { throw Stop() }
      let units = stage.units
      return (0..<units.rows).map { i in (0..<units.rows).reduce(0.0) { $0 + 2.5 * units[i, $1].magnitude } }
    }
  }

  /// Killed at any stage and started again, a proof ends with the same numbers.
  @Test func proofsGoOn() throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 2, size: 4, seed: 5).lowered()
    let whole = try prove(network, nil)
    for last in network.activationNodes.indices {
      try withFolder { folder in
        #expect(throws: Stop.self) { try prove(network, folder, dyingAt: last) }
        // Only stages that were not done are chosen for.
        var asked: [Int] = []
        let proof = try GainProof(
          network: network, sectors: network.globalSectors, journal: ProofJournal(folder: folder, rule: "rows")
        ) { position, _ in
          asked.append(position)
          return whole.multipliers[position]
        }
        #expect(asked == Array((0...last).reversed()))
        #expect(proof.multipliers == whole.multipliers && proof.inputGain == whole.inputGain)
      }
    }
  }

  /// Killed at every stage in turn.
  @Test func proofsGoOnAgainAndAgain() throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 2, size: 4, seed: 6).lowered()
    try withFolder { folder in
      for last in network.activationNodes.indices.reversed() {
        #expect(throws: Stop.self) { try prove(network, folder, dyingAt: last) }
      }
      let (resumed, whole) = (try prove(network, folder), try prove(network, nil))
      #expect(resumed.inputGain == whole.inputGain && resumed.multipliers == whole.multipliers)
    }
  }

  /// The work of one proof is refused by another, and left alone.
  @Test func otherProofsAreRefused() throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 2, size: 4, seed: 5).lowered()
    let other = try NetworkBuilders.residual(blocks: 1, width: 2, size: 4, seed: 7).lowered()
    try withFolder { folder in
      #expect(throws: Stop.self) { try prove(network, folder, dyingAt: 2) }
      #expect(throws: WorkFolder.Refusal.self) { try prove(other, folder) }
      #expect(throws: WorkFolder.Refusal.self) { try prove(network, folder, rule: "another") }
      _ = try prove(network, folder)
    }
  }

  /// Every damaged byte is noticed, and so is a file that was cut.
  @Test func damagedFilesAreRefused() throws {
    try withFolder { folder in
      let key = ProofJournal.digest([[1]])
      let lists: [[Double]] = [[1, 2, 3], [], [.nan, -.infinity, 0.1]]
      try folder.save(lists, as: "x", key: key)
      let read = try #require(try folder.load("x", key: key))
      #expect(read.map { $0.map(\.bitPattern) } == lists.map { $0.map(\.bitPattern) })
      #expect(try folder.load("y", key: key) == nil)
      let url = URL(fileURLWithPath: folder.path).appendingPathComponent("x.work")
      let good = try Data(contentsOf: url)
      for index in good.indices {
        var bad = good
        bad[index] ^= 0x10
        try bad.write(to: url)
        #expect(throws: WorkFolder.Refusal.self) { try folder.load("x", key: key) }
        try good.prefix(index).write(to: url)
        #expect(throws: WorkFolder.Refusal.self) { try folder.load("x", key: key) }
      }
      try good.write(to: url)
      #expect(try folder.load("x", key: key) != nil)
    }
  }

  /// Well-formed files of nonsense do not trap.
  @Test func nonsenseIsRefused() throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 2, size: 4, seed: 5).lowered()
    let count = Double(network.activationNodes.count)
    for head in [[], [1], [-1, count, 0], [1e300, count, 0], [.nan, count, 1], [3, count, 1, 2, 1e6], [3, count, 2, 2, 4, 2, 4]]
      as [[Double]]
    {
      #expect(ProofState([head] + Array(repeating: [], count: network.activationNodes.count + 3), network: network) == nil)
    }
  }

  @Test func foldersThatCannotBeMade() throws {
    #expect(throws: WorkFolder.Refusal.self) { try WorkFolder(path: "/dev/null/work") }
  }

  @Test func progressAndCancellation() throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 4, size: 8, seed: 5).lowered()
    var last: ProofProgress?
    let proof = try GainProof(
      network: network, sectors: network.globalSectors,
      journal: ProofJournal(report: {
        #expect($0.fraction >= last?.fraction ?? 0 && $0.fraction <= 1 && $0.stage <= $0.stages)
        last = $0
      })
    ) { _, stage in
      let units = stage.units
      return (0..<units.rows).map { i in (0..<units.rows).reduce(0.0) { $0 + 2.5 * units[i, $1].magnitude } }
    }
    #expect(last != nil)
    #expect(throws: Interruptible.cancelled) {
      try GainProof(network: network, sectors: network.globalSectors, multipliers: proof.multipliers, isCancelled: { true })
    }
  }
}
