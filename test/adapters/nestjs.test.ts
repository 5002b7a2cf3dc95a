import "reflect-metadata";
import * as common from "@nestjs/common";
import * as core from "@nestjs/core";
import * as express from "@nestjs/platform-express";
import * as fastify from "@nestjs/platform-fastify";
import * as adapter from "resetkit/adapters/nestjs";
import * as testing from "resetkit/testing";
import { nestSuite } from "./nest-suite.js";

nestSuite("NestJS 12", { common, core, express, fastify, adapter, testing });
