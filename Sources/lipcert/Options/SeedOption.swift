import ArgumentParser

/// The seed of random choices.
struct SeedOption: ParsableArguments {
  @Option(help: ArgumentHelp("Seed of every random choice; the same seed gives the same result.", valueName: "n"))
  var seed: UInt64 = 0
}
