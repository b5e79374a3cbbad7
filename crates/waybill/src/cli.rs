//! The commands and their flags. Flags stand before the environment, which stands before the file.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Tracks shipments: couriers in, one status model, webhooks out.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What Waybill can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run API, web and workers in one process
    Serve(Serve),
    /// Run on a throw-away database with a few hundred lively sandbox parcels
    Demo(Demo),
    /// Say which couriers a number may belong to, and why
    Detect(Detect),
    /// Ask a courier once and print the timeline
    Track(Track),
    /// Make or list organizations
    #[command(subcommand)]
    Organizations(Organizations),
    /// Make, list or revoke API keys
    #[command(subcommand)]
    Keys(Keys),
    /// List, show, check or begin courier folders
    #[command(subcommand)]
    Couriers(Couriers),
    /// Make trackings from a CSV file
    Import(Import),
    /// Imitate real couriers over HTTP, to rehearse a connection without an account
    Sandbox(Sandbox),
    /// Check configuration, database, couriers and clock
    Doctor(Common),
    /// Write a consistent copy of the database, also while a server uses it
    Backup(Backup),
    /// Prepare measurements
    #[command(subcommand)]
    Bench(Bench),
}

/// Flags of every command that touches data or configuration.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// `sqlite:FILE` (default sqlite:waybill.db)
    #[arg(long, env = "WAYBILL_DATABASE", value_name = "URL")]
    pub database: Option<String>,
    /// Configuration file (default waybill.toml if there is one)
    #[arg(long, env = "WAYBILL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How log lines look
    #[arg(
        long,
        env = "WAYBILL_LOG_FORMAT",
        value_enum,
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}

/// How log lines look; they go to stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A part of the work that a node may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Answers the HTTP API.
    Api,
    /// Serves pages.
    Web,
    /// Asks couriers and delivers webhooks.
    Workers,
}

/// `waybill serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
    /// Address to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "WAYBILL_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,
    /// What this node does
    #[arg(
        long,
        env = "WAYBILL_ROLES",
        value_enum,
        value_delimiter = ',',
        default_value = "api,web,workers"
    )]
    pub roles: Vec<Role>,
}

/// `waybill demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Address to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "WAYBILL_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,
    /// How many parcels are on their way at first
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub parcels: u32,
    /// How log lines look
    #[arg(
        long,
        env = "WAYBILL_LOG_FORMAT",
        value_enum,
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}

/// `waybill detect`
#[derive(Debug, Args)]
pub struct Detect {
    /// Tracking numbers
    #[arg(required = true, value_name = "NUMBER")]
    pub numbers: Vec<String>,
    /// Country the parcels come from, three letters
    #[arg(long, value_name = "COUNTRY")]
    pub origin: Option<String>,
    /// Country they go to, three letters
    #[arg(long, value_name = "COUNTRY")]
    pub destination: Option<String>,
    /// Postal code they go to
    #[arg(long, value_name = "CODE")]
    pub postal_code: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// `waybill track`
#[derive(Debug, Args)]
pub struct Track {
    /// Tracking number
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Courier to ask (default: the likeliest)
    #[arg(long, value_name = "SLUG")]
    pub courier: Option<String>,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// `waybill organizations`
#[derive(Debug, Subcommand)]
pub enum Organizations {
    /// Make an organization
    Create {
        /// Its name
        name: String,
        /// Flags of every command.
        #[command(flatten)]
        common: Common,
    },
    /// List organizations
    List {
        /// Flags of every command.
        #[command(flatten)]
        common: Common,
    },
}

/// How a key's requests prove themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyAuthentication {
    /// The key alone
    ApiKey,
    /// HMAC-SHA256 signatures with the key's secret
    Aes,
    /// RSA-PSS signatures with your private key
    Rsa,
}

/// `waybill keys`
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key and print it this once
    Create {
        /// What to call it
        #[arg(long, default_value = "key")]
        name: String,
        /// How its requests prove themselves
        #[arg(long, value_enum, default_value = "api-key")]
        auth: KeyAuthentication,
        /// Public key in PEM, for `--auth rsa`
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
        /// What it opens (default: everything)
        #[arg(long, value_delimiter = ',')]
        scopes: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Whose.
        #[command(flatten)]
        of: OfOrganization,
    },
    /// List keys
    List {
        /// Whose.
        #[command(flatten)]
        of: OfOrganization,
    },
    /// End a key, by its id or its first characters as listed
    Revoke {
        /// Id or shown prefix
        key: String,
        /// Whose.
        #[command(flatten)]
        of: OfOrganization,
    },
}

/// Whose data a command touches.
#[derive(Debug, Args)]
pub struct OfOrganization {
    /// Organization
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub organization: String,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// `waybill import`
#[derive(Debug, Args)]
pub struct Import {
    /// File with a header line; the columns are the fields of a tracking
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Whose.
    #[command(flatten)]
    pub of: OfOrganization,
}

/// `waybill couriers`
#[derive(Debug, Subcommand)]
pub enum Couriers {
    /// List the couriers
    List {
        /// Flags of every command.
        #[command(flatten)]
        common: Common,
    },
    /// Show what is known of a courier
    Show {
        /// Slug
        slug: String,
        /// Flags of every command.
        #[command(flatten)]
        common: Common,
    },
    /// Begin a courier folder
    New {
        /// Slug; also the folder's name
        slug: String,
        /// Where the folder is made
        #[arg(long, default_value = "my-couriers", value_name = "DIR")]
        dir: PathBuf,
    },
    /// Check all courier folders: shape, programs, samples, number formats
    Check {
        /// Only this courier; also says who else its numbers may belong to
        #[arg(value_name = "SLUG", conflicts_with = "samples")]
        slug: Option<String>,
        /// Read every answer in this folder of folders, named by slug, and print what was made of it
        #[arg(long, value_name = "DIR")]
        samples: Option<PathBuf>,
        /// Flags of every command.
        #[command(flatten)]
        common: Common,
    },
    /// Print the path to which a courier sends its news for an organization
    PushAddress {
        /// Slug
        slug: String,
        /// Whose.
        #[command(flatten)]
        of: OfOrganization,
    },
    /// Ask a courier once; show request, answer and reading, without secrets
    Try(Try),
    /// List the codes and texts of events that nothing understood, the most frequent first
    Unknown {
        /// Of this courier alone
        #[arg(long, value_name = "SLUG")]
        courier: Option<String>,
        /// One JSON array
        #[arg(long)]
        json: bool,
        /// Flags of every command.
        #[command(flatten)]
        common: Common,
    },
}

/// `waybill couriers try`
#[derive(Debug, Args)]
pub struct Try {
    /// Slug
    pub slug: String,
    /// Tracking number
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Postal code of the recipient, where the courier wants one
    #[arg(long, value_name = "CODE")]
    pub postal_code: Option<String>,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// `waybill sandbox`
#[derive(Debug, Args)]
pub struct Sandbox {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:9100", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// `waybill backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// Where the copy is written; must not exist
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// `waybill bench`
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Fill a new database with realistic trackings and organizations `bench-0`, `bench-1`, …
    Fill(Fill),
}

/// `waybill bench fill`
#[derive(Debug, Args)]
pub struct Fill {
    /// How many trackings
    #[arg(long, default_value_t = 100_000, value_name = "N")]
    pub trackings: u64,
    /// Over how many organizations
    #[arg(long, default_value_t = 1, value_name = "M", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub organizations: u32,
    /// Checkpoints of each tracking
    #[arg(long, default_value_t = 10, value_name = "K", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub checkpoints: u8,
    /// Where the organizations' API keys are written, as JSON (default: printed)
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}
