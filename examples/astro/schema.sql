create table users (id serial primary key, email text not null unique, password_hash text);
create table sessions (cookie_hash text primary key, user_id integer not null references users);
