//! LZO1X, decompression only, into a bounded buffer: snapcraft packs with it when asked for a faster start.
//!
//! `lzokay-native` indexes past its output on damaged input and sets no bound, so it serves as the oracle in tests;
//! backhand's own LZO is GPL.

/// The input is not LZO1X, or holds more than the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotLzo;

/// Decompresses the whole of `input`, which may become `limit` bytes at most.
pub(super) fn decompress(input: &[u8], limit: usize) -> Result<Vec<u8>, NotLzo> {
    let mut machine = Machine { input, output: Vec::with_capacity(limit.min(1 << 20)), limit };
    machine.run()?;
    Ok(machine.output)
}

struct Machine<'a> {
    input: &'a [u8],
    output: Vec<u8>,
    limit: usize,
}

impl Machine<'_> {
    fn run(&mut self) -> Result<(), NotLzo> {
        // How many literals the last instruction copied: 0 to 3, or 4 for a run of them.
        let mut state = 0;
        if let Some(first @ 18..) = self.input.first().copied() {
            self.byte()?;
            let count = usize::from(first) - 17;
            self.literals(count)?;
            state = count.min(4);
        }
        loop {
            let code = usize::from(self.byte()?);
            let (length, distance, trailing) = match code {
                0..16 if state == 0 => {
                    let length = 3 + self.length(code, 15)?;
                    self.literals(length)?;
                    state = 4;
                    continue;
                }
                0..16 if state == 4 => (3, 0x801 + (code >> 2) + (usize::from(self.byte()?) << 2), code & 3),
                0..16 => (2, 1 + (code >> 2) + (usize::from(self.byte()?) << 2), code & 3),
                16..32 => {
                    let length = 2 + self.length(code & 7, 7)?;
                    let word = self.word()?;
                    let distance = ((code & 8) << 11) + (word >> 2);
                    if distance == 0 {
                        // The end; anything behind it does not belong to the stream.
                        return if length == 3 && self.input.is_empty() { Ok(()) } else { Err(NotLzo) };
                    }
                    (length, distance + 0x4000, word & 3)
                }
                32..64 => {
                    let length = 2 + self.length(code & 31, 31)?;
                    let word = self.word()?;
                    (length, 1 + (word >> 2), word & 3)
                }
                _ => {
                    let distance = 1 + ((code >> 2) & 7) + (usize::from(self.byte()?) << 3);
                    ((code >> 5) + 1, distance, code & 3)
                }
            };
            self.repeat(length, distance)?;
            self.literals(trailing)?;
            state = trailing;
        }
    }

    /// A length of which `short` stands in the instruction; 0 means that it follows: 255 for each zero byte, and a rest.
    fn length(&mut self, short: usize, base: usize) -> Result<usize, NotLzo> {
        if short != 0 {
            return Ok(short);
        }
        let mut length = base;
        loop {
            match self.byte()? {
                0 => length += 255,
                rest => return Ok(length + usize::from(rest)),
            }
        }
    }

    fn byte(&mut self) -> Result<u8, NotLzo> {
        let (byte, rest) = self.input.split_first().ok_or(NotLzo)?;
        self.input = rest;
        Ok(*byte)
    }

    fn word(&mut self) -> Result<usize, NotLzo> {
        Ok(usize::from(self.byte()?) | usize::from(self.byte()?) << 8)
    }

    fn literals(&mut self, count: usize) -> Result<(), NotLzo> {
        self.fits(count)?;
        let (literals, rest) = self.input.split_at_checked(count).ok_or(NotLzo)?;
        self.output.extend_from_slice(literals);
        self.input = rest;
        Ok(())
    }

    /// Copies from what was written; source and target may overlap.
    fn repeat(&mut self, length: usize, distance: usize) -> Result<(), NotLzo> {
        self.fits(length)?;
        let start = self.output.len().checked_sub(distance).ok_or(NotLzo)?;
        for index in start..start + length {
            let byte = *self.output.get(index).ok_or(NotLzo)?;
            self.output.push(byte);
        }
        Ok(())
    }

    fn fits(&self, more: usize) -> Result<(), NotLzo> {
        if more > self.limit - self.output.len() { Err(NotLzo) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::random;

    /// Text that repeats itself near and far, with noise and long runs in between.
    fn samples() -> Vec<Vec<u8>> {
        let noise: Vec<u8> = random::bytes::<4096>().to_vec();
        let words: Vec<u8> = noise
            .iter()
            .cycle()
            .flat_map(|byte| format!("word{} ", byte % 23).into_bytes())
            .take(60_000)
            .collect();
        let mixed = [&words[..30_000], &noise, &[0; 9000], &words, &noise[..100], &noise[..100]].concat();
        vec![vec![7], vec![1, 2, 3, 4, 5], vec![0; 131_072], noise.clone(), words, mixed]
    }

    #[test]
    fn what_another_implementation_compressed_comes_back() {
        for sample in samples() {
            let compressed = lzokay_native::compress(&sample).unwrap();
            assert_eq!(decompress(&compressed, sample.len()).as_deref(), Ok(&*sample));
            if let Some(less) = sample.len().checked_sub(1) {
                assert_eq!(decompress(&compressed, less), Err(NotLzo), "the bound holds");
            }
        }
    }

    #[test]
    fn damaged_input_is_refused_or_bounded_and_never_panics() {
        for sample in samples() {
            let compressed = lzokay_native::compress(&sample).unwrap();
            let limit = sample.len();
            for cut in (0..compressed.len()).step_by(1 + compressed.len() / 300) {
                assert_eq!(decompress(&compressed[..cut], limit), Err(NotLzo));
                for flip in [0x01, 0x10, 0x80, 0xff] {
                    let mut damaged = compressed.clone();
                    damaged[cut] ^= flip;
                    if let Ok(output) = decompress(&damaged, limit) {
                        assert!(output.len() <= limit);
                    }
                }
            }
        }
        for _ in 0..2000 {
            drop(decompress(&random::bytes::<64>(), 4096));
        }
    }
}
