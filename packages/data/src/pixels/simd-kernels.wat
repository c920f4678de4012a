;; The inner loops of resampling, 4 or 16 levels at a time. `node scripts/assemble-kernels.mjs` turns this file into
;; simd-kernels-wasm.ts. Loads and stores may run up to 16 bytes past what they are for; the caller leaves room.
;; Nothing is moved to a function of its own: V8 in Node 20 inlines none, and the calls made mixRows three times as slow.
(module
  (memory (export "memory") 1)

  ;; A row mixed along its length: each pixel of low with the one to its right, out[x] = row[low[x]] + (row[low[x] + 3] -
  ;; row[low[x]]) * fraction[x], as 32-bit floats. low holds byte offsets of pixels. One load brings both pixels.
  (func (export "mixColumns") (param $row i32) (param $low i32) (param $fraction i32) (param $out i32) (param $count i32)
    (local $end i32) (local $pair v128) (local $a v128) (local $zero v128)
    (local.set $end (i32.add (local.get $low) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $pair (v128.load64_zero (i32.add (local.get $row) (i32.load (local.get $low)))))
      (local.set $a (i8x16.shuffle 0 16 16 16 1 16 16 16 2 16 16 16 3 16 16 16 (local.get $pair) (local.get $zero)))
      (v128.store (local.get $out)
        (f32x4.add (f32x4.convert_i32x4_s (local.get $a))
          (f32x4.mul
            (f32x4.convert_i32x4_s (i32x4.sub
              (i8x16.shuffle 3 16 16 16 4 16 16 16 5 16 16 16 6 16 16 16 (local.get $pair) (local.get $zero))
              (local.get $a)))
            (v128.load32_splat (local.get $fraction)))))
      (local.set $low (i32.add (local.get $low) (i32.const 4)))
      (local.set $fraction (i32.add (local.get $fraction) (i32.const 4)))
      (local.set $out (i32.add (local.get $out) (i32.const 12)))
      (br_if $next (i32.lt_u (local.get $low) (local.get $end)))))

  ;; Two rows of floats mixed to levels: out[i] = upper[i] + (lower[i] - upper[i]) * part, rounded.
  (func (export "mixRows") (param $upper i32) (param $lower i32) (param $part f32) (param $out i32) (param $length i32)
    (local $end i32) (local $parts v128) (local $half v128) (local $a v128)
    (local.set $parts (f32x4.splat (local.get $part)))
    (local.set $half (f32x4.splat (f32.const 0.5)))
    (local.set $end (i32.add (local.get $out) (local.get $length)))
    (loop $next
      (v128.store (local.get $out)
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.trunc_sat_f32x4_s
              (f32x4.add
                (f32x4.add (local.tee $a (v128.load (local.get $upper)))
                  (f32x4.mul (f32x4.sub (v128.load (local.get $lower)) (local.get $a)) (local.get $parts)))
                (local.get $half)))
            (i32x4.trunc_sat_f32x4_s
              (f32x4.add
                (f32x4.add (local.tee $a (v128.load offset=16 (local.get $upper)))
                  (f32x4.mul (f32x4.sub (v128.load offset=16 (local.get $lower)) (local.get $a)) (local.get $parts)))
                (local.get $half))))
          (i16x8.narrow_i32x4_s
            (i32x4.trunc_sat_f32x4_s
              (f32x4.add
                (f32x4.add (local.tee $a (v128.load offset=32 (local.get $upper)))
                  (f32x4.mul (f32x4.sub (v128.load offset=32 (local.get $lower)) (local.get $a)) (local.get $parts)))
                (local.get $half)))
            (i32x4.trunc_sat_f32x4_s
              (f32x4.add
                (f32x4.add (local.tee $a (v128.load offset=48 (local.get $upper)))
                  (f32x4.mul (f32x4.sub (v128.load offset=48 (local.get $lower)) (local.get $a)) (local.get $parts)))
                (local.get $half))))))
      (local.set $upper (i32.add (local.get $upper) (i32.const 64)))
      (local.set $lower (i32.add (local.get $lower) (i32.const 64)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $out) (local.get $end)))))

  ;; A row convolved along its length. first holds byte offsets of pixels, counts numbers of taps, and each pixel has `taps`
  ;; weights in fixed point with 22 bits.
  (func (export "convolveRow")
    (param $row i32) (param $first i32) (param $counts i32) (param $weights i32) (param $taps i32) (param $out i32) (param $count i32)
    (local $end i32) (local $sum v128) (local $at i32) (local $weight i32) (local $last i32)
    (local.set $end (i32.add (local.get $first) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $sum (i32x4.splat (i32.const 0x200000)))
      (local.set $at (i32.add (local.get $row) (i32.load (local.get $first))))
      (local.set $weight (local.get $weights))
      (local.set $last (i32.add (local.get $weights) (i32.shl (i32.load (local.get $counts)) (i32.const 2))))
      (loop $tap
        (local.set $sum
          (i32x4.add (local.get $sum) (i32x4.mul (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $at)))) (v128.load32_splat (local.get $weight)))))
        (local.set $at (i32.add (local.get $at) (i32.const 3)))
        (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
        (br_if $tap (i32.lt_u (local.get $weight) (local.get $last))))
      (local.set $sum (i32x4.shr_s (local.get $sum) (i32.const 22)))
      (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
      (v128.store32_lane 0 (local.get $out) (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
      (local.set $first (i32.add (local.get $first) (i32.const 4)))
      (local.set $counts (i32.add (local.get $counts) (i32.const 4)))
      (local.set $weights (i32.add (local.get $weights) (i32.shl (local.get $taps) (i32.const 2))))
      (local.set $out (i32.add (local.get $out) (i32.const 3)))
      (br_if $next (i32.lt_u (local.get $first) (local.get $end)))))

  ;; One row of levels from `count` rows below each other, `stride` bytes apart.
  (func (export "convolveColumn")
    (param $rows i32) (param $stride i32) (param $weights i32) (param $count i32) (param $out i32) (param $length i32)
    (local $end i32) (local $last i32) (local $at i32) (local $weight i32)
    (local $levels v128) (local $low v128) (local $high v128) (local $factor v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $out) (local.get $length)))
    (local.set $last (i32.add (local.get $weights) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $a (i32x4.splat (i32.const 0x200000)))
      (local.set $b (local.get $a))
      (local.set $c (local.get $a))
      (local.set $d (local.get $a))
      (local.set $at (local.get $rows))
      (local.set $weight (local.get $weights))
      (loop $tap
        (local.set $levels (v128.load (local.get $at)))
        (local.set $factor (v128.load32_splat (local.get $weight)))
        (local.set $low (i16x8.extend_low_i8x16_u (local.get $levels)))
        (local.set $high (i16x8.extend_high_i8x16_u (local.get $levels)))
        (local.set $a (i32x4.add (local.get $a) (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $low)) (local.get $factor))))
        (local.set $b (i32x4.add (local.get $b) (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $low)) (local.get $factor))))
        (local.set $c (i32x4.add (local.get $c) (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $high)) (local.get $factor))))
        (local.set $d (i32x4.add (local.get $d) (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $high)) (local.get $factor))))
        (local.set $at (i32.add (local.get $at) (local.get $stride)))
        (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
        (br_if $tap (i32.lt_u (local.get $weight) (local.get $last))))
      (v128.store (local.get $out)
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s (i32x4.shr_s (local.get $a) (i32.const 22)) (i32x4.shr_s (local.get $b) (i32.const 22)))
          (i16x8.narrow_i32x4_s (i32x4.shr_s (local.get $c) (i32.const 22)) (i32x4.shr_s (local.get $d) (i32.const 22)))))
      (local.set $rows (i32.add (local.get $rows) (i32.const 16)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $out) (local.get $end))))))
