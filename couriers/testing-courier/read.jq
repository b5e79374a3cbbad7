# Answers: `{number, events: [{code, time, text, city, state, postal_code, country}], next_event_at}`,
# or `{error: {code, message}}`. The codes are sub-statuses already.

def checkpoint:
  {
    time,
    code,
    message: .text,
    location: "\(.city), \(.state)",
    city,
    state,
    postal_code,
    country
  };

if .body.error.code == "unknown_number" then
  {unknown: .body.error.message}
elif .body.events == [] then
  {no_data_yet: "The first event has not come yet", next_check_at: .body.next_event_at}
else
  {
    shipments: [{number: .body.number, checkpoints: .body.events | map(checkpoint)}],
    next_check_at: .body.next_event_at
  }
end
