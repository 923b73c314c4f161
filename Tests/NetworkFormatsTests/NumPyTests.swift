import Foundation
import LinearAlgebra
import NetworkFormats
import Testing

/// `.npy` and `.npz` files.
struct NumPyTests {
  /// A `.npy` file with the given header.
  private func file(_ header: String, _ body: [UInt8]) -> Data {
    Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + body)
  }

  @Test(arguments: [
    NumPyArray(dimensions: [2, 3], elements: .double([1, -2, 3, .pi, 5e-300, 6])),
    NumPyArray(dimensions: [4], elements: .float([1, 2, 3, -0.5])),
    NumPyArray(dimensions: [], elements: .int64([-7])),
    NumPyArray(dimensions: [1, 2, 1], elements: .int32([3, .min])),
    NumPyArray(dimensions: [3], elements: .uint8([0, 128, 255])),
    NumPyArray(dimensions: [2], elements: .bool([true, false])),
    NumPyArray(dimensions: [2], elements: .text(["", "größer"])),
    NumPyArray(dimensions: [0, 5], elements: .double([])),
  ])
  func roundTrip(array: NumPyArray) throws {
    #expect(try NumPyArray(npy: array.npyData()) == array)
    var archive = NumPyArchive()
    archive.set(array, for: "a")
    archive.set(NumPyArray(dimensions: [1], elements: .double([2])), for: "b c")
    let copy = try NumPyArchive(npz: archive.npzData())
    #expect(copy.names == ["a", "b c"])
    #expect(copy["a"] == array)
    #expect(try copy.npzData() == archive.npzData())
  }

  @Test func fortranOrder() throws {
    let data = file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}", [1, 2, 3, 4, 5, 6])
    #expect(try NumPyArray(npy: data).integers == [1, 3, 5, 2, 4, 6])
  }

  @Test func halfPrecision() throws {
    let data = file("{'descr': '<f2', 'fortran_order': False, 'shape': (4,)}", [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0xFF, 0x7B])
    #expect(try NumPyArray(npy: data).doubles == [1, -2, 0x1p-24, 65504])
  }

  @Test(arguments: [
    ("{'descr': '>f8', 'fortran_order': False, 'shape': (1,)}", 8), ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 8),
    ("{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (1,)}", 8),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", 8), ("{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}", 8),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807)}", 8),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 9223372036854775807, 3)}", 0),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", 8), ("{'descr': '<f8', 'shape': (1,)}", 8), ("", 8), ("{", 8),
    ("{'descr': '<U99999999999', 'fortran_order': False, 'shape': (1,)}", 8),
    ("{'descr': '<U0', 'fortran_order': False, 'shape': (1073741824,)}", 0),
  ])
  func refuses(header: String, bytes: Int) {
    #expect(throws: FormatError.self) { try NumPyArray(npy: file(header, Array(repeating: 0, count: bytes))) }
  }

  /// Megabytes of zeros shrink a thousandfold: the archive's limit counts what they expand to.
  @Test func zipBomb() throws {
    var archive = NumPyArchive()
    archive.set(NumPyArray(dimensions: [1 << 20], elements: .uint8(Array(repeating: 0, count: 1 << 20))), for: "zeros")
    let data = try archive.npzData()
    #expect(data.count < 3000)
    #expect(throws: Never.self) { try NumPyArchive(npz: data) }
    let error = #expect(throws: FormatError.self) { try NumPyArchive(npz: data, limit: 1 << 19) }
    #expect(error?.kind == .tooLarge)
  }
}
