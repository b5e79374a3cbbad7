# Australia Post: `tracking_results[]`, each with `trackable_items[]`: an article with `events[]`, newest
# first, or a consignment with such articles as `items[]`. Events have a text and no code.

def filled: select(type == "string" and . != "");

# The text; the newest event is also what the article's status says.
def checkpoint($status; $piece):
  {
    time: .date,
    code: .description,
    codes: [["event", .description], ["status", $status] | select(.[1] | type == "string" and . != "")],
    message: .description,
    location: .location,
    city: ((.location // "" | filled | capture("^(?<c>[^,(]+?) (NSW|VIC|QLD|SA|WA|TAS|ACT|NT)$") | .c) // null),
    state: ((.location // "" | filled | capture("(?<s>NSW|VIC|QLD|SA|WA|TAS|ACT|NT)$") | .s) // null),
    country: (if .location // "" | test(" (NSW|VIC|QLD|SA|WA|TAS|ACT|NT)$") then "AU" else null end),
    piece: $piece
  };

def article($several):
  (if $several then .article_id else null end) as $piece
  | .status as $status
  | (.events // [])
  | to_entries[]
  | (if .key == 0 then $status else null end) as $status
  | .value
  | select(.date | filled)
  | checkpoint($status; $piece);

def result:
  [(.trackable_items // [])[] | if .items then .items[] else . end] as $articles
  | ($articles | length > 1) as $several
  | ((.trackable_items // [])[0] // {}) as $first
  | {
      checkpoints: [$articles[] | article($several)],
      service: (first($articles[] | .product_type | filled) // null),
      package_count: ($first.number_of_items | if type == "number" then . else null end),
      pieces: (if $several then
          [{number: (($first.consignment_id | filled) // $articles[0].article_id), kind: "master"}]
          + [$articles[] | .article_id | filled | {number: ., kind: "child"}]
        else [] end)
    };

def refusal:
  (.code // "") as $code
  | (.message // .name // "Australia Post gave no reason") as $reason
  | if $code == "ESB-10001" or ($reason | test("invalid tracking|not available|not found"; "i")) then {unknown: $reason}
    elif ($code | test("^API_00[12]$")) or ($reason | test("credential|authenticat|unauthori"; "i")) then {trouble: {kind: "bad_credentials", reason: $reason}}
    elif $reason | test("unavailable|try again|internal"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
    else {trouble: {kind: "refused", reason: "\($code): \($reason)"}} end;

.body
| if .tracking_results | type == "array" then
    {shipments: [
      .tracking_results[]
      | {number: .tracking_id}
        + (if (.errors // []) != [] then .errors[0] | refusal
          else result | if .checkpoints == [] then {no_data_yet: "Australia Post lists no event yet"} else . end end)
    ]}
  elif .errors[0]? then .errors[0] | refusal
  else error("no tracking_results") end
