# Asendia Sync: a user's login buys a token for a day.
{
  method: "POST",
  url: "https://www.asendia-sync.com/api/authenticate",
  headers: {"Content-Type": "application/json", Accept: "application/json"},
  body: {username: .credentials.username, password: .credentials.password}
}
