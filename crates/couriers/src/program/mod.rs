//! A courier's jq program: compiled when its folder is loaded, shared between threads, and sure to end.
//!
//! Two things make it sure. Only filters of a list may be called and no definition may call itself
//! (`offered`, `meter`), so every program ends; and every step is counted (`natives`), so it ends soon.

mod hashes;
mod meter;
mod natives;
mod offered;
pub(crate) mod value;

use std::{
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use jaq_core::{
    Compiler, Ctx, Filter, Vars,
    load::{
        Arena, File, Lexer, Loader, Parser,
        parse::{Def, Term},
        span,
    },
};
use jaq_json::Val;
use serde_json::Value;

pub use self::hashes::{Algorithm, Encoding};
use self::{
    meter::{Meter, Refusal},
    natives::{LEAST_TICK, MAX_WORK, Metered, Run},
};

/// Bytes of one program; the longest of ours has eight thousand.
const MAX_PROGRAM_BYTES: usize = 32 * 1024;
/// Stack of the thread that compiles, in bytes: jaq's parser descends into everything that nests, and
/// a program of the greatest length may be nothing but nesting. Only what is used is ever touched.
const COMPILER_STACK_BYTES: usize = 256 * 1024 * 1024;
/// Characters of jq's own error message that are kept: it may quote the whole answer.
const MAX_MESSAGE_CHARS: usize = 300;
/// The name our wrapper gives to the courier's program.
const PROGRAM_NAME: &str = "courier_program";
/// jaq's definitions that are left out: effects, what `OWN_DEFINITIONS` replaces, and what needs that.
const LEFT_OUT: [&str; 12] = [
    "debug",
    "stderr",
    "halt",
    "halt_error",
    "join",
    "@sh",
    "empty",
    "null",
    "true",
    "false",
    "not",
    "type",
];
/// jaq's filters that `natives` replaces or nobody shall have.
const REPLACED: [&str; 8] = [
    "range",
    "contains",
    "fromjson",
    "env",
    "now",
    "halt",
    "localtime",
    "strflocaltime",
];
/// jq's `join` repeats its separator for every item, so ours is metered.
///
/// `list` is what XML wants: a child alone is one value, several are an array, none is null. `form`
/// writes an object as the fields of a form.
const OWN_DEFINITIONS: &str = r#"
    def list: if type == "array" then . elif . == null then [] else [.] end;
    def join($separator):
      reduce .[] as $item (null;
        (if . == null then "" else . + $separator end)
        + ($item | if . == null then "" else tostring end))
      | if . == null then "" else . end;
    def form:
      to_entries
      | map(select(.value != null) | (.key | @uri) + "=" + (.value | tostring | @uri))
      | join("&");
"#;

/// A compiled program.
pub struct Program {
    filter: Filter<Metered>,
    tick: u64,
}

/// Why a program cannot be used, with the line if one is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct CompileError {
    /// Line of the program, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

/// Why a run gave no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The program raised an error or stumbled over the answer.
    #[error("{0}")]
    Failed(String),
    /// It gave nothing.
    #[error("the program gave no output")]
    Nothing,
    /// It gave more than one value.
    #[error("the program gave more than one output")]
    Several,
    /// It used up its allowance of steps.
    #[error("the program took too many steps")]
    TooMuchWork,
}

impl fmt::Debug for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Program")
    }
}

impl Program {
    /// Checks and compiles a program.
    pub fn compile(code: &str) -> Result<Self, CompileError> {
        if code.len() > MAX_PROGRAM_BYTES {
            return Err(error(
                None,
                format!("is longer than {MAX_PROGRAM_BYTES} bytes"),
            ));
        }
        let task = || compile(code);
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(COMPILER_STACK_BYTES);
            let compiled = thread
                .spawn_scoped(scope, task)
                .map(std::thread::ScopedJoinHandle::join);
            match compiled {
                Ok(Ok(program)) => program,
                Ok(Err(_)) => Err(error(None, "the compiler failed".to_owned())),
                Err(cause) => Err(error(None, format!("no thread to compile in: {cause}"))),
            }
        })
    }

    /// Runs the program on one value; it must give exactly one.
    pub fn run(&self, input: Value) -> Result<Value, RunError> {
        self.run_within(MAX_WORK, input)
    }

    fn run_within(&self, max_work: u64, input: Value) -> Result<Value, RunError> {
        let work_left = Cell::new(max_work);
        // The interpreter is a third party's: a panic of its is a failed run, not ours.
        catch_unwind(AssertUnwindSafe(|| self.run_metered(input, &work_left)))
            .unwrap_or_else(|_| Err(RunError::Failed("the interpreter failed".to_owned())))
    }

    fn run_metered(&self, input: Value, work_left: &Cell<u64>) -> Result<Value, RunError> {
        let run = Run {
            lut: &self.filter.lut,
            work_left,
            tick: self.tick,
        };
        let context = Ctx::<Metered>::new(run, Vars::new([]));
        let mut outputs = self.filter.id.run((context, value::to_program(input)));
        let first = unpack(outputs.next().ok_or(RunError::Nothing)?)?;
        match outputs.next() {
            None => value::from_program(&first).map_err(RunError::Failed),
            Some(second) => unpack(second).and(Err(RunError::Several)),
        }
    }
}

fn unpack(output: natives::Item<'_>) -> Result<Val, RunError> {
    output.map_err(|exception| match exception.get_err() {
        Ok(error) => RunError::Failed(error.to_string().chars().take(MAX_MESSAGE_CHARS).collect()),
        Err(_) => RunError::TooMuchWork,
    })
}

fn compile(code: &str) -> Result<Program, CompileError> {
    let mut meter = Meter::default();
    let refused = |refusal| from_refusal(code, refusal);
    let body = meter.term(parse(code)?).map_err(refused)?;
    // The wrapper weighs what comes out, so that what is read afterwards is bounded too.
    let weighed = Term::BinOp(
        Box::new(body),
        jaq_core::load::parse::BinaryOp::Pipe(None),
        Box::new(Term::Call("!weigh", Vec::new())),
    );
    let program = Def {
        name: PROGRAM_NAME,
        args: Vec::new(),
        body: weighed,
    };
    Ok(Program {
        filter: link(code, program)?,
        tick: LEAST_TICK.max(meter.longest() as u64),
    })
}

fn parse(code: &str) -> Result<Term<&str>, CompileError> {
    let tokens = Lexer::new(code).lex().map_err(|errors| {
        let found = errors.first();
        let expected = found.map_or("token", |(expected, _)| expected.as_str());
        error(
            found.and_then(|(_, rest)| line_of(code, rest)),
            format!("expected {expected}"),
        )
    })?;
    Parser::new(&tokens).parse(Parser::term).map_err(|errors| {
        let found = errors.first();
        let expected = found.map_or("term", |(expected, _)| expected.as_str());
        let token = found.and_then(|(_, token)| *token);
        let line = token.map_or(Some(code.lines().count().max(1)), |token| {
            line_of(code, token.as_str())
        });
        error(line, format!("expected {expected}"))
    })
}

/// Compiles the program together with the definitions that are offered.
fn link(code: &str, program: Def<&str>) -> Result<Filter<Metered>, CompileError> {
    let own: Vec<Def<&'static str>> =
        jaq_core::load::parse(OWN_DEFINITIONS, |parser| parser.defs()).unwrap_or_default();
    let mut meter = Meter::default();
    let own = own
        .into_iter()
        .map(|definition| meter.definition(definition))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|refusal| error(None, refusal.reason))?;
    let definitions = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs())
        .filter(|definition| !LEFT_OUT.contains(&definition.name))
        .chain(own)
        .map(shortened)
        .chain([program]);
    let filters = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs())
        .filter(|(name, ..)| !REPLACED.contains(name))
        .chain(natives::filters());
    let arena = Arena::default();
    let main = File {
        code: PROGRAM_NAME,
        path: (),
    };
    let modules = Loader::new(definitions)
        .load(&arena, main)
        .map_err(|_| error(None, "cannot be loaded".to_owned()))?;
    Compiler::default()
        .with_funs(filters)
        .compile(modules)
        .map_err(|files| {
            let undefined = files.into_iter().flat_map(|(_, errors)| errors).next();
            undefined.map_or_else(
                || error(None, "cannot be compiled".to_owned()),
                |(word, kind)| {
                    let reason = format!("{} `{word}` is not defined", kind.as_str());
                    error(line_of(code, word), reason)
                },
            )
        })
}

/// Definitions that live for ever are joined with one that does not.
fn shortened<'s>(definition: Def<&'static str>) -> Def<&'s str> {
    definition
}

fn error(line: Option<usize>, reason: String) -> CompileError {
    CompileError { line, reason }
}

fn from_refusal(code: &str, refusal: Refusal<'_>) -> CompileError {
    error(line_of(code, refusal.word), refusal.reason)
}

/// The line of a word that is a slice of the program; none if it is not.
fn line_of(code: &str, word: &str) -> Option<usize> {
    let start = (word.as_ptr() as usize).checked_sub(code.as_ptr() as usize)?;
    if start > code.len() {
        return None;
    }
    let start = span(code, word).start;
    Some(code.get(..start)?.lines().count().max(1))
}

#[cfg(test)]
mod tests;
