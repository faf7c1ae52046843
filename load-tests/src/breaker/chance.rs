//! Chance that can be repeated: `SplitMix64`, so that a run can be planned again from its seed.

use std::time::Duration;

/// A sequence of numbers that a seed determines.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn of(seed: u64) -> Chance {
        Chance(seed)
    }

    /// Another sequence, which this one determines.
    pub(crate) fn split(&mut self) -> Chance {
        Chance(self.next())
    }

    /// A number below `bound`; 0 for no bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or_default()
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub(crate) fn percent(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    /// One of these; `None` where there is none.
    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// A time between these, in milliseconds; short ones as often as long ones on a logarithmic scale.
    pub(crate) fn milliseconds(&mut self, least: u64, most: u64) -> Duration {
        let (low, high) = (Duration::from_millis(least.max(1)), Duration::from_millis(most.max(1)));
        let share = f64::from(u32::try_from(self.next() >> 32).unwrap_or_default()) / f64::from(u32::MAX);
        low.mul_f64((high.as_secs_f64() / low.as_secs_f64()).powf(share))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_sequence() {
        // The first number of the reference implementation for the seed 1234567.
        assert_eq!(Chance::of(1_234_567).next(), 6_457_827_717_110_365_317);
        let (mut one, mut same, mut other) = (Chance::of(7), Chance::of(7), Chance::of(8));
        let draw = |chance: &mut Chance| (0..20).map(|_| chance.below(1000)).collect::<Vec<_>>();
        let drawn = draw(&mut one);
        assert_eq!(drawn, draw(&mut same));
        assert_ne!(drawn, draw(&mut other));
    }

    #[test]
    fn what_is_drawn_stays_within_its_bounds() {
        let mut chance = Chance::of(3);
        for _ in 0..1000 {
            assert!(chance.below(7) < 7);
            let time = chance.milliseconds(100, 6000);
            assert!(time >= Duration::from_millis(100) && time <= Duration::from_secs(6));
        }
        assert_eq!((chance.below(0), chance.one_of::<u8>(&[])), (0, None));
        assert!(!chance.percent(0) && chance.percent(100));
    }
}
