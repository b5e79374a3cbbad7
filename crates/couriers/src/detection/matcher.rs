//! All patterns at once: one automaton that reads a number a single time and says which fit.

use regex_automata::dfa::{Automaton, dense};
use regex_automata::nfa::thompson::NFA;
use regex_automata::util::start::Config as Start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::Hir;

/// The shipped formats together need half a megabyte. What needs more than this is a pattern that
/// has to remember too much, and would slow the start down as well.
const LARGEST_AUTOMATON_BYTES: usize = 8 * 1024 * 1024;

/// Patterns compiled together. A walk costs a table look-up a character and allocates nothing.
#[derive(Debug, Clone)]
pub(super) struct Matcher {
    automaton: dense::DFA<Vec<u32>>,
}

impl Matcher {
    /// Compiles patterns; a pattern is then known by its place in the list.
    pub(super) fn new(patterns: &[&Hir]) -> Result<Self, String> {
        let nfa = NFA::compiler()
            .build_many_from_hir(patterns)
            .map_err(|error| error.to_string())?;
        let config = dense::Config::new()
            .match_kind(MatchKind::All)
            .start_kind(regex_automata::dfa::StartKind::Anchored)
            .dfa_size_limit(Some(LARGEST_AUTOMATON_BYTES))
            .determinize_size_limit(Some(LARGEST_AUTOMATON_BYTES));
        let automaton = dense::Builder::new()
            .configure(config)
            .build_from_nfa(&nfa)
            .map_err(|error| format!("the number patterns are too entangled: {error}"))?;
        Ok(Self { automaton })
    }

    /// Calls `found` with the place of each pattern that fits the whole number.
    pub(super) fn each(&self, number: &[u8], mut found: impl FnMut(usize)) {
        let start = Start::new().anchored(Anchored::Yes);
        let Ok(mut state) = self.automaton.start_state(&start) else {
            return;
        };
        for byte in number {
            state = self.automaton.next_state(state, *byte);
            if self.automaton.is_dead_state(state) {
                return;
            }
        }
        // Matches are told one step late: only what ends exactly here is a match now.
        state = self.automaton.next_eoi_state(state);
        if self.automaton.is_match_state(state) {
            for place in 0..self.automaton.match_len(state) {
                found(self.automaton.match_pattern(state, place).as_usize());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::Shape;

    fn fitting(patterns: &[&str], number: &str) -> Vec<usize> {
        let shapes: Vec<Shape> = patterns
            .iter()
            .map(|pattern| Shape::parse(pattern).unwrap())
            .collect();
        let hirs: Vec<&Hir> = shapes.iter().map(|shape| &shape.hir).collect();
        let mut found = Vec::new();
        Matcher::new(&hirs)
            .unwrap()
            .each(number.as_bytes(), |place| found.push(place));
        found
    }

    #[test]
    fn every_pattern_that_fits_the_whole_number() {
        let patterns = [r"\d{4}", r"\d{2,6}", r"12\d{3}", r"[A-Z]\d{3}", r"\d{4}-\d"];
        assert_eq!(fitting(&patterns, "1234"), [0, 1]);
        assert_eq!(fitting(&patterns, "12345"), [1, 2]);
        assert_eq!(fitting(&patterns, "A123"), [3]);
        assert_eq!(fitting(&patterns, "1234-5"), [4]);
        for none in ["", "1", "1234567", "AA123", "1234-", "12 4"] {
            assert_eq!(fitting(&patterns, none), [0; 0], "{none}");
        }
    }

    #[test]
    fn no_patterns_fit_nothing() {
        assert_eq!(fitting(&[], "1234"), [0; 0]);
    }

    #[test]
    fn an_exploding_pattern_is_refused() {
        let shape = Shape::parse(r"[01]{0,60}1[01]{38}").unwrap();
        assert!(
            Matcher::new(&[&shape.hir])
                .unwrap_err()
                .contains("too entangled")
        );
    }
}
