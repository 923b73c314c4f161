internal import CKernels
import LinearAlgebra

/// The compiled loops of the layers in one precision; `training_layers.h` says what each computes.
final class LayerKernels<Element: Scalar>: Sendable {
  typealias Input = UnsafePointer<Element>?
  typealias Output = UnsafeMutablePointer<Element>?
  typealias Sums = UnsafeMutablePointer<Double>?
  typealias Window = UnsafePointer<lipcert_window>?

  typealias Moments = @Sendable (Int, Int, Input, Sums, Sums) -> Void
  typealias Normalize = @Sendable (Int, Int, Input, Input, Input, Input, Element, Output) -> Void
  typealias GradientSums = @Sendable (Int, Int, Input, Input, Input, Input, Input, Element, Sums, Sums) -> Void
  typealias ChannelGradient = @Sendable (Int, Int, Input, Input, Input, Input, Input, Element, Input, Input, Output, Int32) -> Void
  typealias Combine = @Sendable (Int, Element, Input, Element, Input, Output) -> Void
  typealias Multiply = @Sendable (Int, Element, Input, Output, Int32) -> Void
  typealias Leak = @Sendable (Int, Element, Input, Output) -> Void
  typealias LeakGradient = @Sendable (Int, Element, Input, Input, Output, Int32) -> Void
  typealias Clip = @Sendable (Int, Element, Element, Input, Output) -> Void
  typealias ClipGradient = @Sendable (Int, Element, Element, Input, Input, Output, Int32) -> Void
  typealias Extremes = @Sendable (Int, Int, Input, Output) -> Void
  typealias ExtremesGradient = @Sendable (Int, Int, Input, Input, Output, Int32) -> Void
  typealias SortGroups = @Sendable (Int, Int, Input, Output, UnsafeMutablePointer<Int32>?) -> Void
  typealias SortGroupsGradient = @Sendable (Int, Int, UnsafePointer<Int32>?, Input, Output, Int32) -> Void
  typealias Transpose = @Sendable (Int, Int, Input, Output, Int32) -> Void
  typealias Select = @Sendable (Int, Int, Int, UnsafePointer<Int32>?, Input, Output) -> Void
  typealias SelectGradient = @Sendable (Int, Int, Int, UnsafePointer<Int32>?, Input, Output, Int32) -> Void
  typealias WindowMaximum = @Sendable (Window, Input, Output, UnsafeMutablePointer<Int32>?) -> Void
  typealias WindowMaximumGradient = @Sendable (Window, UnsafePointer<Int32>?, Input, Output, Int32) -> Void
  typealias WindowMean = @Sendable (Window, Input, Output) -> Void
  typealias WindowMeanGradient = @Sendable (Window, Input, Output, Int32) -> Void
  typealias SmoothValues = @Sendable (lipcert_smooth, Int, Element, Element, Input, Output) -> Void
  typealias SmoothGradient = @Sendable (lipcert_smooth, Int, Element, Element, Input, Input, Output, Int32) -> Void
  typealias AddNoise = @Sendable (Int, UInt64, Element, Input, Output) -> Void
  typealias Drop = @Sendable (Int, UInt64, UInt32, Element, Input, Output, Int32) -> Void
  typealias NoiseProduct = @Sendable (Int, Input, Input, Input) -> Double
  typealias NoiseGradient = @Sendable (Int, Input, Element, Element, Input, Output, Int32) -> Void

  let channelMoments: Moments
  let channelNormalize: Normalize
  let channelGradientSums: GradientSums
  let channelGradient: ChannelGradient
  let combine: Combine
  let multiply: Multiply
  let leak: Leak
  let leakGradient: LeakGradient
  let clip: Clip
  let clipGradient: ClipGradient
  let extremes: Extremes
  let extremesGradient: ExtremesGradient
  let sortGroups: SortGroups
  let sortGroupsGradient: SortGroupsGradient
  let transpose: Transpose
  let select: Select
  let selectGradient: SelectGradient
  let windowMaximum: WindowMaximum
  let windowMaximumGradient: WindowMaximumGradient
  let windowMean: WindowMean
  let windowMeanGradient: WindowMeanGradient
  /// Only in single precision.
  let smoothValues: SmoothValues?
  let smoothGradient: SmoothGradient?
  let addNoise: AddNoise
  let drop: Drop
  let noiseProduct: NoiseProduct
  let noiseGradient: NoiseGradient

  init(
    channelMoments: @escaping Moments, channelNormalize: @escaping Normalize, channelGradientSums: @escaping GradientSums,
    channelGradient: @escaping ChannelGradient, combine: @escaping Combine, multiply: @escaping Multiply, leak: @escaping Leak,
    leakGradient: @escaping LeakGradient, clip: @escaping Clip, clipGradient: @escaping ClipGradient, extremes: @escaping Extremes,
    extremesGradient: @escaping ExtremesGradient, sortGroups: @escaping SortGroups, sortGroupsGradient: @escaping SortGroupsGradient,
    transpose: @escaping Transpose, select: @escaping Select, selectGradient: @escaping SelectGradient,
    windowMaximum: @escaping WindowMaximum, windowMaximumGradient: @escaping WindowMaximumGradient,
    windowMean: @escaping WindowMean, windowMeanGradient: @escaping WindowMeanGradient, smoothValues: SmoothValues?,
    smoothGradient: SmoothGradient?,
    addNoise: @escaping AddNoise,
    drop: @escaping Drop, noiseProduct: @escaping NoiseProduct, noiseGradient: @escaping NoiseGradient
  ) {
    self.channelMoments = channelMoments
    self.channelNormalize = channelNormalize
    self.channelGradientSums = channelGradientSums
    self.channelGradient = channelGradient
    self.combine = combine
    self.multiply = multiply
    self.leak = leak
    self.leakGradient = leakGradient
    self.clip = clip
    self.clipGradient = clipGradient
    self.extremes = extremes
    self.extremesGradient = extremesGradient
    self.sortGroups = sortGroups
    self.sortGroupsGradient = sortGroupsGradient
    self.transpose = transpose
    self.select = select
    self.selectGradient = selectGradient
    self.windowMaximum = windowMaximum
    self.windowMaximumGradient = windowMaximumGradient
    self.windowMean = windowMean
    self.windowMeanGradient = windowMeanGradient
    self.smoothValues = smoothValues
    self.smoothGradient = smoothGradient
    self.addNoise = addNoise
    self.drop = drop
    self.noiseProduct = noiseProduct
    self.noiseGradient = noiseGradient
  }

  /// The kernels of this precision.
  static var shared: LayerKernels {
    if let kernels = single as? LayerKernels { return kernels }
    if let kernels = double as? LayerKernels { return kernels }
    preconditionFailure("scalars are Float or Double")
  }
}

private let single = LayerKernels<Float>(
  channelMoments: lipcert_schannel_moments, channelNormalize: lipcert_schannel_normalize,
  channelGradientSums: lipcert_schannel_gradient_sums, channelGradient: lipcert_schannel_gradient, combine: lipcert_scombine,
  multiply: lipcert_smultiply, leak: lipcert_sleak, leakGradient: lipcert_sleak_gradient, clip: lipcert_sclip,
  clipGradient: lipcert_sclip_gradient, extremes: lipcert_sextremes, extremesGradient: lipcert_sextremes_gradient,
  sortGroups: lipcert_ssort_groups, sortGroupsGradient: lipcert_ssort_groups_gradient, transpose: lipcert_stranspose,
  select: lipcert_sselect, selectGradient: lipcert_sselect_gradient,
  windowMaximum: lipcert_swindow_maximum, windowMaximumGradient: lipcert_swindow_maximum_gradient,
  windowMean: lipcert_swindow_mean, windowMeanGradient: lipcert_swindow_mean_gradient,
  smoothValues: lipcert_smooth_values, smoothGradient: lipcert_smooth_gradient, addNoise: lipcert_sadd_noise,
  drop: lipcert_sdrop, noiseProduct: lipcert_snoise_product, noiseGradient: lipcert_snoise_gradient)

private let double = LayerKernels<Double>(
  channelMoments: lipcert_dchannel_moments, channelNormalize: lipcert_dchannel_normalize,
  channelGradientSums: lipcert_dchannel_gradient_sums, channelGradient: lipcert_dchannel_gradient, combine: lipcert_dcombine,
  multiply: lipcert_dmultiply, leak: lipcert_dleak, leakGradient: lipcert_dleak_gradient, clip: lipcert_dclip,
  clipGradient: lipcert_dclip_gradient, extremes: lipcert_dextremes, extremesGradient: lipcert_dextremes_gradient,
  sortGroups: lipcert_dsort_groups, sortGroupsGradient: lipcert_dsort_groups_gradient, transpose: lipcert_dtranspose,
  select: lipcert_dselect, selectGradient: lipcert_dselect_gradient,
  windowMaximum: lipcert_dwindow_maximum, windowMaximumGradient: lipcert_dwindow_maximum_gradient,
  windowMean: lipcert_dwindow_mean, windowMeanGradient: lipcert_dwindow_mean_gradient,
  smoothValues: nil, smoothGradient: nil, addNoise: lipcert_dadd_noise,
  drop: lipcert_ddrop, noiseProduct: lipcert_dnoise_product, noiseGradient: lipcert_dnoise_gradient)
