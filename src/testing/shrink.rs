//! Makes a failing world smaller, as long as the same property fails: first faults go, then
//! messages, brokers and partitions, then properties.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;

use super::cut::{Cut, OPTIONAL};

/// What a world came to.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The property that fails, if one does.
    pub(super) property: Option<String>,
    /// How many faults there were.
    pub(super) faults: u32,
}

/// Makes `run`'s world smaller; `may_go_on` says whether there is time. Gives the smallest world in
/// which the same property fails.
pub(super) fn shrink(
    run: &mut dyn FnMut(&Cut) -> Found,
    may_go_on: &mut dyn FnMut() -> bool,
) -> Option<Cut> {
    let first = run(&Cut::default());
    let property = first.property?;
    let mut shrinker = Shrinker { run, may_go_on, property, best: Cut::default() };
    shrinker.faults(first.faults);
    shrinker.numbers();
    shrinker.properties();
    // Less may be needed by now.
    let left = shrinker.best.faults.iter().flatten().max().copied().unwrap_or(0);
    shrinker.faults(left);
    Some(shrinker.best)
}

struct Shrinker<'a> {
    run: &'a mut dyn FnMut(&Cut) -> Found,
    may_go_on: &'a mut dyn FnMut() -> bool,
    property: String,
    best: Cut,
}

impl Shrinker<'_> {
    /// Does it still fail with this? Then that is how it is from now on.
    fn attempt(&mut self, change: impl FnOnce(&mut Cut)) -> bool {
        let mut cut = self.best.clone();
        change(&mut cut);
        if cut == self.best || !(self.may_go_on)() {
            return false;
        }
        let fails = (self.run)(&cut).property.as_ref() == Some(&self.property);
        if fails {
            self.best = cut;
        }
        fails
    }

    /// Leaves faults out, half of them at once, then a quarter, and so on.
    fn faults(&mut self, count: u32) {
        let all: BTreeSet<u32> =
            (1..=count).filter(|number| self.best.has_fault(*number)).collect();
        if self.attempt(|cut| cut.faults = Some(BTreeSet::new())) {
            return;
        }
        self.attempt(|cut| cut.faults = Some(all.clone()));
        let mut piece = all.len().div_ceil(2);
        while piece > 0 {
            let kept: Vec<u32> = self.best.faults.iter().flatten().copied().collect();
            for some in kept.chunks(piece) {
                self.attempt(|cut| {
                    let faults = cut.faults.iter().flatten();
                    cut.faults = Some(faults.filter(|it| !some.contains(it)).copied().collect());
                });
            }
            piece /= 2;
        }
    }

    fn numbers(&mut self) {
        for count in [1, 2, 5, 10, 20, 40, 80, 160, 320, 640] {
            if self.attempt(|cut| cut.messages = Some(count)) {
                break;
            }
        }
        for count in [1, 2, 3] {
            if self.attempt(|cut| cut.brokers = Some(count)) {
                break;
            }
        }
        for count in [1, 2, 4] {
            if self.attempt(|cut| cut.partitions = Some(count)) {
                break;
            }
        }
    }

    fn properties(&mut self) {
        for name in OPTIONAL {
            self.attempt(|cut| {
                cut.without.insert(name.to_owned());
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A world that fails if faults 3 and 7 happen to more than eight messages with two brokers.
    fn world(cut: &Cut) -> Found {
        let has_both = cut.has_fault(3) && cut.has_fault(7);
        let fails = has_both && cut.messages.unwrap_or(100) > 8 && cut.brokers.unwrap_or(4) > 1;
        let property = match (fails, cut.has_fault(1)) {
            (true, _) => Some("P4".to_owned()),
            (_, true) => Some("another one".to_owned()),
            _ => None,
        };
        Found { property, faults: 40 }
    }

    #[test]
    fn what_is_not_needed_goes() {
        let cut = shrink(&mut world, &mut || true).expect("it fails");
        assert_eq!((cut.messages, cut.brokers, cut.partitions), (Some(10), Some(2), Some(1)));
        assert_eq!(cut.faults, Some([3, 7].into()));
        assert_eq!(cut.without.len(), OPTIONAL.len());
        assert_eq!(world(&cut).property.as_deref(), Some("P4"));
    }

    #[test]
    fn it_ends_in_time_and_a_world_that_is_well_is_left_alone() {
        let mut left = 3;
        let mut runs = 0;
        let cut = shrink(
            &mut |cut| {
                runs += 1;
                world(cut)
            },
            &mut || {
                left -= 1;
                left > 0
            },
        );
        assert_eq!((cut.is_some(), runs), (true, 3));
        let well = Found { property: None, faults: 3 };
        assert_eq!(shrink(&mut |_| well.clone(), &mut || true), None);
    }
}
