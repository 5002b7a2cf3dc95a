create table users (id integer primary key, email text not null unique collate nocase, password_hash text);
create table sessions (cookie_hash text primary key, user_id integer not null references users);
